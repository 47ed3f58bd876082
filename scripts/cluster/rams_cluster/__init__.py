"""A survey of rams on many machines, driven by Dask distributed."""
