"""What others have found about schools: the official list, risk profiles, social passports, rechecks, medallists."""

from assets.raw.files import files
from msoko_pipeline.orchestration import layers

objectivity_list = layers.validated("objectivity_list", deps=[files])
risk_profile = layers.validated("risk_profile", deps=[files])
social_passport = layers.validated("social_passport", deps=[files])
recheck = layers.validated("recheck", deps=[files])
medallist = layers.validated("medallist", deps=[files])
risk_indicator = layers.validated("risk_indicator", deps=[files])

ASSETS = [objectivity_list, risk_profile, social_passport, recheck, medallist, risk_indicator]
