"""Every test run here, nbval's of the notebooks too, keeps nobody's progress and finds nobody's.

A learner may learn in a clone of this repository; what is stored in the notebooks is a beginner's state.
"""

import os

os.environ["MAILKIT_PROGRESS"] = "off"
