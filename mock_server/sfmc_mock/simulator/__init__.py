"""What happens to a message after it was sent, as pure functions over values.

Nothing here knows a store, an account, XML, the system's clock or a global random number: the same values in give the
same events out, whatever the order of the calls and whichever thread makes them.

* `magic_addresses`      what an address of the reserved domain wishes for
* `addresses`            which addresses the service takes, and which it never sends to
* `candidates`           what is known of a subscriber when it is decided whether they are sent to
* `send_rules`           the rules of that decision, in their order
* `decisions`            whether a subscriber of a triggered send is sent to, and why not
* `not_sent_codes`       the numbers and names under which the service reports that
* `personalization`      what becomes of the personalization strings of an email
* `ampscript_variables`  the AMPscript variables whose values need no script to be run
* `messages`             the values: a message, and a planned event of it
* `event_plan`           the tracking events of a message, each with the time it happens and the time it is visible
* `engagement`           what readers and mail servers do with a message
* `manual_events`        events that somebody makes happen
* `engagement_profiles`  how readers behave, and how late the service shows it
* `bounces`              what mail servers answer
* `status_after_bounces` what bounces and opens do to a subscriber's status
* `links`                what can be clicked in an email
* `event_sentences`      tracking events for a person to read
* `keyed_random`         random numbers keyed by what they are for
* `durations`            spans of time as people write them
"""
