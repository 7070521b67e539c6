"""A binding's own machine, learned from what can be seen of it, and held against the specification or another binding.

`outputs` reduces what is seen of a step to a small value. `subject` asks a binding words of inputs, within a budget,
and keeps the answers. `learner`, which alone needs AALpy, makes a Mealy machine of them. `deviating` goes through the
product of a machine and the specification; `comparing` through that of two machines, and `replaying` sees whether the
two really differ. `parts` puts it together for one binding. `models` are machines as documents, `drawing` as diagrams.
"""
