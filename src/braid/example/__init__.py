"""The fictional place: a small world in which people live, move, fall ill and wait, and partners that write down what
they know of it in their own formats. The demo, the tutorial and the end-to-end test read the same files.
"""
