"""From input names to written output: `run` does a `Job` and gives the `Counts`.

Reading order: `job`, `counts`, `work` (a batch of records to bytes), `pool` (several processes), `state` (what --resume
needs), `sink` (where results go), `run` (all of it).
"""

from classifier.pipeline.counts import Counts
from classifier.pipeline.job import Job
from classifier.pipeline.run import Progress, run

__all__ = ["Counts", "Job", "Progress", "run"]
