"""Every asset, a module a family with all its layers: facts → steps → marts. A family is found by being here."""

from importlib import import_module
from pkgutil import iter_modules

from assets.files import files, inbox
from assets.organisations import organisation
from msoko_pipeline.orchestration import ends, reminding
from msoko_pipeline.orchestration.families import Family, whole

FAMILIES: list[Family] = [
    import_module(f"{__name__}.{module.name}").family for module in iter_modules(__path__) if module.name != "files"
]
publication = ends.publication(deps=[mart for family in FAMILIES for mart in family.marts])
ASSETS = whole(
    FAMILIES,
    [
        inbox,
        files,
        publication,
        reminding.reminders(deps=[publication]),
        ends.register(deps=[organisation]),
    ],
)
