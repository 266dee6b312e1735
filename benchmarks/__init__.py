"""Speed and memory beside other extractors: `make bench`, or `python -m benchmarks.run --help`."""
