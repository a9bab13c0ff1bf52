"""`make sbom`: the list of parts as CycloneDX JSON, in build/sbom.cdx.json."""

import sys
from pathlib import Path
from typing import Final
from uuid import NAMESPACE_URL, uuid5

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentScope, ComponentType
from cyclonedx.output import make_outputter
from cyclonedx.schema import OutputFormat, SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL

from tools.licences import LicenceTable, read_table
from tools.parts import DEBIAN, NPM, OWN, PYPI, Part, list_parts
from tools.paths import ROOT

FILE: Final = ROOT / "build" / "sbom.cdx.json"
_VERSION: Final = SchemaVersion.V1_6
_ALGORITHMS: Final = {"sha256": HashAlgorithm.SHA_256, "sha512": HashAlgorithm.SHA_512}
_PURL: Final = {PYPI: "pypi", NPM: "npm", DEBIAN: "deb"}


def build_sbom(parts: list[Part], table: LicenceTable) -> str:
    """The list of parts as JSON."""
    bom = Bom()
    own = Component(name=OWN, type=ComponentType.APPLICATION, licenses=[LicenseFactory().make_with_id("MIT")])
    bom.metadata.component = own
    made = {(part.kind, part.name, part.version): _component(part, table) for part in parts}
    for component in made.values():
        bom.components.add(component)
    for part in parts:
        needed = [each for (kind, name, _), each in made.items() if kind == part.kind and name in part.needs]
        bom.register_dependency(made[part.kind, part.name, part.version], needed)
    bom.register_dependency(own, [made[p.kind, p.name, p.version] for p in parts if p.needed])
    # The same parts have the same number, so that two lists can be told apart by it.
    bom.serial_number = uuid5(NAMESPACE_URL, "\n".join(sorted(map(repr, parts))))
    return make_outputter(bom, OutputFormat.JSON, _VERSION).output_as_string(indent=2)


def find_fault(text: str) -> str | None:
    """What is wrong with a list by the schema of CycloneDX; None if nothing is."""
    fault = JsonStrictValidator(_VERSION).validate_str(text)
    return None if fault is None else str(fault)


def _component(part: Part, table: LicenceTable) -> Component:
    namespace = "debian" if part.kind == DEBIAN else None
    group, _, name = part.name.rpartition("/") if part.kind == NPM else ("", "", part.name)
    licence = table.find(part)
    return Component(
        type=ComponentType.LIBRARY if part.kind != DEBIAN else ComponentType.APPLICATION,
        name=name,
        group=group or None,
        version=part.version or None,
        bom_ref=f"{part.kind}:{part.name}@{part.version}",
        scope=ComponentScope.REQUIRED if part.needed else ComponentScope.EXCLUDED,
        purl=PackageURL(_PURL[part.kind], namespace or group or None, name, part.version or None),
        licenses=[LicenseFactory().make_from_string(licence)] if licence else None,
        # Of every archive that the lock allows it to be installed from: for each system another.
        hashes=[HashType(alg=_ALGORITHMS[each.algorithm], content=each.digest) for each in part.archives],
    )


def main(file: Path = FILE) -> int:
    """Writes the list; 1 if it is not as the schema wants it."""
    parts = list_parts()
    text = build_sbom(parts, read_table())
    fault = find_fault(text)
    if fault is not None:
        print(f"sbom: {fault}", file=sys.stderr)
        return 1
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text + "\n", encoding="utf-8")
    print(f"{file}: {len(parts)} parts")
    return 0


if __name__ == "__main__":
    sys.exit(main())
