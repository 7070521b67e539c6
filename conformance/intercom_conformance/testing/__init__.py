"""What the pytest plugin does, imported when a test first asks for it.

`bench` has the binding and runs checks and single steps, in each process that runs tests. `handle` is what
a test calls. `journal` gathers the results in the controller, and writes the event stream.
"""
