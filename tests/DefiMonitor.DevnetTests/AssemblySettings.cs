// Each test drives a chain of its own with a node, and some the program beside it: one at a time is all that a small machine bears.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
