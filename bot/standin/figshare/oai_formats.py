"""The metadata formats of Figshare's OAI-PMH, each built from an article."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import cast

from lxml import etree

from . import shapes
from .library import Item, Library

Element = etree._Element

OAI_DC = "http://www.openarchives.org/OAI/2.0/oai_dc/"
# the terms, not the elements: so recorded in 2016
DC = "http://purl.org/dc/terms/"
DATACITE = "http://datacite.org/schema/kernel-4"
OAI_DATACITE = "http://schema.datacite.org/oai/oai-1.1/"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
BIBO = "http://purl.org/ontology/bibo/"
VIVO = "http://vivoweb.org/ontology/core#"
QDC = "http://purl.org/net/oai/qdc/"
METS = "http://www.loc.gov/METS/"
XLINK = "http://www.w3.org/1999/xlink"
CERIF = "urn:xmlns:org:eurocris:cerif-1.6-2"
UKETD = "http://naca.central.cranfield.ac.uk/ethos-oai/2.0/"

# what XML 1.0 can't hold
UNSENDABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True)
class Format:
    namespace: str
    schema: str
    build: Callable[[Library, Item], Element]


def text(parent: Element, name: str, value: str, **attributes: str) -> Element:
    made = etree.SubElement(parent, name, attributes)
    made.text = UNSENDABLE.sub("", value)
    return made


def root_element(namespace: str, name: str, **prefixes: str) -> Element:
    """Start a document whose default namespace is `namespace`."""
    # the stubs know no default namespace
    names = cast("dict[str, str]", {None: namespace, **prefixes})
    return etree.Element(f"{{{namespace}}}{name}", nsmap=names)


def _qualified(namespace: str) -> Callable[[str], str]:
    return lambda name: f"{{{namespace}}}{name}"


def oai_dc(library: Library, item: Item) -> Element:
    root = etree.Element(_qualified(OAI_DC)("dc"), nsmap={"dc": DC, "oai_dc": OAI_DC})
    _dublin_core(library, item, root)
    return root


def qdc(library: Library, item: Item) -> Element:
    root = etree.Element(_qualified(QDC)("qualifieddc"), nsmap={"dcterms": DC, "qdc": QDC})
    _dublin_core(library, item, root)
    for file in item.files:
        text(root, _qualified(DC)("hasPart"), shapes.file(file)["download_url"])
    return root


def _dublin_core(library: Library, item: Item, root: Element) -> None:
    dc = _qualified(DC)
    # titles and descriptions are HTML here too: in the XML it is escaped twice where it has entities
    text(root, dc("title"), item.title)
    for person in item.authors:
        text(root, dc("creator"), f"{person.name} ({person.id})")
    for number in item.categories:
        text(root, dc("subject"), str(library.categories[number]["title"]))
    for tag in item.seed["tags"]:
        text(root, dc("subject"), tag)
    text(root, dc("description"), shapes.description(item))
    text(root, dc("date"), shapes.stamp(item.latest))
    text(root, dc("type"), item.type_name.capitalize())
    text(root, dc("identifier"), item.doi() or item.handle)
    text(root, dc("relation"), item.page)
    text(root, dc("rights"), str(library.licences[item.seed.get("licence", 1)]["name"]))


def oai_datacite(library: Library, item: Item) -> Element:
    outer = _qualified(OAI_DATACITE)
    root = root_element(OAI_DATACITE, "oai_datacite")
    text(root, outer("schemaVersion"), "4.4")
    payload = etree.SubElement(root, outer("payload"))
    datacite = _qualified(DATACITE)
    resource = root_element(DATACITE, "resource")
    payload.append(resource)
    text(resource, datacite("identifier"), item.doi() or item.handle, identifierType="DOI")
    creators = etree.SubElement(resource, datacite("creators"))
    for person in item.authors:
        creator = etree.SubElement(creators, datacite("creator"))
        text(creator, datacite("creatorName"), person.name, nameType="Personal")
        if person.orcid:
            scheme = {"nameIdentifierScheme": "ORCID", "schemeURI": "https://orcid.org"}
            text(creator, datacite("nameIdentifier"), person.orcid, **scheme)
    text(etree.SubElement(resource, datacite("titles")), datacite("title"), item.title)
    text(resource, datacite("publisher"), str(item.institution["name"]) if item.institution else "figshare")
    text(resource, datacite("publicationYear"), str(item.first.year))
    subjects = etree.SubElement(resource, datacite("subjects"))
    for tag in item.seed["tags"]:
        text(subjects, datacite("subject"), tag)
    dates = etree.SubElement(resource, datacite("dates"))
    text(dates, datacite("date"), shapes.stamp(item.first), dateType="Created")
    text(dates, datacite("date"), shapes.stamp(item.latest), dateType="Updated")
    text(resource, datacite("resourceType"), item.type_name, resourceTypeGeneral=_general(item))
    text(resource, datacite("version"), str(len(item.versions)))
    licence = library.licences[item.seed.get("licence", 1)]
    rights = etree.SubElement(resource, datacite("rightsList"))
    text(rights, datacite("rights"), str(licence["name"]), rightsURI=str(licence["url"]))
    descriptions = etree.SubElement(resource, datacite("descriptions"))
    text(descriptions, datacite("description"), shapes.description(item), descriptionType="Abstract")
    return root


def _general(item: Item) -> str:
    known = {"dataset": "Dataset", "software": "Software", "figure": "Image", "media": "Audiovisual"}
    return known.get(item.type_name, "Text")


def rdf(library: Library, item: Item) -> Element:
    names = {"bibo": BIBO, "rdf": RDF, "rdfs": RDFS, "vivo": VIVO, "dc": DC}
    root = etree.Element(_qualified(RDF)("RDF"), nsmap=names)
    kind = {"figure": "Image", "thesis": "Thesis", "book": "Book"}.get(item.type_name, "Document")
    about = etree.SubElement(root, _qualified(BIBO)(kind), {_qualified(RDF)("about"): item.page})
    text(about, _qualified(BIBO)("doi"), item.doi())
    text(about, _qualified(RDFS)("label"), item.title)
    at = {_qualified(RDF)("resource"): f"http://openvivo.org/a/date{item.latest:%Y-%m-%d}"}
    etree.SubElement(about, _qualified(VIVO)("datePublished"), at)
    text(about, _qualified(BIBO)("abstract"), shapes.description(item))
    for tag in item.seed["tags"]:
        text(about, _qualified(BIBO)("freetextKeyword"), tag)
    text(about, _qualified(DC)("rights"), str(library.licences[item.seed.get("licence", 1)]["name"]))
    return root


def mets(library: Library, item: Item) -> Element:
    name = _qualified(METS)
    root = etree.Element(
        name("mets"), {"OBJID": item.doi() or item.page}, nsmap={"mets": METS, "xlink": XLINK}
    )
    section = etree.SubElement(root, name("dmdSec"), {"ID": "DMD1"})
    wrap = etree.SubElement(section, name("mdWrap"), {"MDTYPE": "DC"})
    etree.SubElement(wrap, name("xmlData")).append(oai_dc(library, item))
    group = etree.SubElement(etree.SubElement(root, name("fileSec")), name("fileGrp"), {"USE": "CONTENT"})
    for file in item.files:
        # links only: neither names nor checksums
        one = etree.SubElement(group, name("file"), {"ID": f"F{file.id}"})
        link = {"LOCTYPE": "URL", _qualified(XLINK)("href"): shapes.file(file)["download_url"]}
        etree.SubElement(one, name("FLocat"), link)
    return root


def cerif(library: Library, item: Item) -> Element:
    name = _qualified(CERIF)
    root = root_element(CERIF, "CERIF")
    product = etree.SubElement(root, name("cfResProd"))
    text(product, name("cfResProdId"), str(item.id))
    text(product, name("cfURI"), item.page)
    text(product, name("cfName"), item.title, cfLangCode="en", cfTrans="o")
    return root


def uketd_dc(library: Library, item: Item) -> Element:
    root = etree.Element(_qualified(UKETD)("uketddc"), nsmap={"uketd_dc": UKETD, "dc": DC})
    _dublin_core(library, item, root)
    text(
        root,
        _qualified(UKETD)("institution"),
        str(item.institution["name"]) if item.institution else "figshare",
    )
    return root


FORMATS: Mapping[str, Format] = {
    "oai_dc": Format(OAI_DC, "http://www.openarchives.org/OAI/2.0/oai_dc.xsd", oai_dc),
    "oai_datacite": Format(OAI_DATACITE, "http://schema.datacite.org/oai/oai-1.1/oai.xsd", oai_datacite),
    "rdf": Format(RDF, "http://www.openarchives.org/OAI/2.0/rdf.xsd", rdf),
    "cerif": Format(CERIF, "http://www.eurocris.org/Uploads/Web%20pages/CERIF-1.6/CERIF_1.6_2.xsd", cerif),
    "qdc": Format(QDC, "http://dublincore.org/schemas/xmls/qdc/2006/01/06/dcterms.xsd", qdc),
    "mets": Format(METS, "http://www.loc.gov/standards/mets/mets.xsd", mets),
    "uketd_dc": Format(UKETD, "http://naca.central.cranfield.ac.uk/ethos-oai/2.0/uketd_dc.xsd", uketd_dc),
}
