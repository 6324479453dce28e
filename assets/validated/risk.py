"""What others have found about schools: the official list, risk profiles, social passports, rechecks, medallists."""

from functools import partial

from assets.raw.files import files
from msoko_pipeline.orchestration import layers

validated = partial(layers.validated, group="risk")

objectivity_list = validated("objectivity_list", deps=[files])
risk_profile = validated("risk_profile", deps=[files])
social_passport = validated("social_passport", deps=[files])
recheck = validated("recheck", deps=[files])
medallist = validated("medallist", deps=[files])
risk_indicator = validated("risk_indicator", deps=[files])

ASSETS = [objectivity_list, risk_profile, social_passport, recheck, medallist, risk_indicator]
