"""Maps the root folders to subpackages of `herdwick`; a new folder inside them needs no entry."""

from setuptools import find_namespace_packages, setup

ROOTS = ("tools", "agents", "selfinstruct", "finetune", "evals")

setup(
    packages=[
        f"herdwick.{name}"
        for root in ROOTS
        for name in (root, *(f"{root}.{sub}" for sub in find_namespace_packages(root)))
    ],
    package_dir={f"herdwick.{root}": root for root in ROOTS},
)
