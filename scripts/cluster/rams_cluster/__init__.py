"""A survey of rams on many machines, driven by Dask distributed.

survey    the command: plan, drive, gather
drive     shards -> pieces, on the workers of a scheduler
ledger    what is to be done with a shard after each attempt at it; knows no engine
shard     what a worker does: one shard, as a child that dies with it
head, join, kernels    the scheduler; a machine that joins it; its class of processor
engine    Dask as it is used here; plan, program, progress: a plan's files, `rams`, the bar
"""
