"""Tools that compare the emulator with the real service: record calls, scrub them, replay them.

`transcripts` records calls of the client, `recording_proxy` those of any client, `pytest_plugin` those of a test run.
`scrubber` removes private data, `leak_check` checks that none is left. `replay` and `captures` compare.
"""
