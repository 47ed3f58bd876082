"""How the models that `rams` ships are made: data, training, evaluation, export and card.

`common` is what all models use, `ordnance` makes models/surface-ordnance, `earthworks` makes
models/earthworks.
"""
