"""Manifests as text: our linter's indentation, no anchors, and a first line that says where the file is from."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import yaml

HEAD: Final = "# Written by `python -m deploy.kubernetes`; change it there.\n"

Manifest = Mapping[str, Any]


class _Dumper(yaml.SafeDumper):
    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002 - its name
        super().increase_indent(flow, indentless=False)

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - its name
        return True


def text_of(manifests: Iterable[Manifest]) -> str:
    """One file with these manifests, in this order."""
    documents = (
        yaml.dump(it, Dumper=_Dumper, sort_keys=False, width=110, allow_unicode=True, default_flow_style=False)
        for it in manifests
    )
    return HEAD + "---\n".join(documents)
