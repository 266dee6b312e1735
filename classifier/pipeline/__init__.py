"""From input names to written output: `run` does a `Job` and gives the `Counts`."""

from classifier.pipeline.counts import Counts
from classifier.pipeline.job import Job
from classifier.pipeline.run import Progress, run

__all__ = ["Counts", "Job", "Progress", "run"]
