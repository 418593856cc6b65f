"""The simulation of messages after they are sent, as pure functions over values.

No module here uses a store, an account, XML, the system's clock or a global random number: the same values give the
same events, in any order of calls and in any thread.

* `magic_addresses`      the outcomes that an address of the reserved domain asks for
* `addresses`            which addresses the service takes, and which it never sends to
* `candidates`           the facts about a subscriber that decide whether a message is sent
* `send_rules`           the rules of that decision, in their order
* `decisions`            whether a message is sent to a subscriber of a triggered send, and why not
* `not_sent_codes`       the numbers and names of reasons for not sending
* `personalization`      replacing the personalization strings of an email
* `ampscript_variables`  the AMPscript variables whose values need no script to be run
* `messages`             the values: a message, and a planned event of it
* `event_plan`           the tracking events of a message, each with the time it happens and the time it is visible
* `engagement`           what readers and mail servers do with a message
* `manual_events`        events that a test or a person triggers
* `engagement_profiles`  the behaviour of readers, and the delay until the service shows events
* `bounces`              the answers of mail servers
* `status_after_bounces` a subscriber's status after bounces and opens
* `links`                the links of an email
* `event_sentences`      tracking events as sentences
* `keyed_random`         random numbers keyed by their purpose
* `durations`            spans of time as people write them
"""
