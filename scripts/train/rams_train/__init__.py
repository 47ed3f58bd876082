"""How the models that `rams` ships are made: data, training, evaluation, export and card.

`common` is what all models use, `ordnance` makes models/surface-ordnance, `earthworks` makes
models/earthworks.
"""

import os

# Waiting threads must not spin on a machine that also does other work. It is read when torch loads,
# which is after this.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
