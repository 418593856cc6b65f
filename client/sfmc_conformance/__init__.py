"""Tools that compare the emulator with the real service: record calls, scrub them, replay them.

The module `transcripts` records through the client, `recording_proxy` any other client, `pytest_plugin` a test run;
`scrubber` removes what is private, `leak_check` proves it, `replay` and `captures` compare.
"""
