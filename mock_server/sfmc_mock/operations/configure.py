"""Configure: create, update or delete the account's profile attributes (PropertyDefinition)."""

from sfmc_mock.declarations.handler import Call, Handler, Outcome
from sfmc_mock.operations.batch_results import act_on_each, wrapped_answer
from sfmc_mock.wire.struct import Struct


def configure(call: Call, message: Struct) -> Struct:
    """Do the action with each configuration and report on each.

    The action is compared without case: SDKs send `create`, the documentation `Create`. A message without an action
    or without configurations (FuelSDK-Python nests both one level too deep) gets an overall error (assumed).
    """
    action = (message.text("Action") or "").strip()
    wrapper = message.part("Configurations")
    configurations = wrapper.values.get("Configuration") if wrapper else None
    if not action or not isinstance(configurations, list) or not configurations:
        missing = "an Action" if not action else "a Configuration"
        return wrapped_answer(
            "ConfigureResponseMsg", call, [], f"The Configure request does not hold {missing}."
        )

    def act(call: Call, handler: Handler, sent: Struct) -> Outcome:
        return handler.act(call, "Configure", action, sent)

    results = act_on_each(call, "Configure", configurations, act)
    return wrapped_answer("ConfigureResponseMsg", call, results)
