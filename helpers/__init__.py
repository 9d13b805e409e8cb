"""What the lessons and assignments import: losses, activations, network, training, diagnosis, data sets and checks.

Every file is short and plain numpy, and meant to be opened and read. Import the file you need, for example
`from helpers.losses import mse`; importing `helpers` alone loads nothing.

Lesson: 01_mse, "One number for how wrong".
"""

__version__ = "0.1.0"
