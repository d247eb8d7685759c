"""The metadata formats of Figshare's OAI-PMH, each built from an article."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from lxml import etree

from . import representations
from .library import Item, Library
from .xml import XmlElement, add_element, root_element

OAI_DC = "http://www.openarchives.org/OAI/2.0/oai_dc/"
# The terms, not the elements, as recorded in 2016.
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


@dataclass(frozen=True)
class MetadataFormat:
    namespace: str
    schema: str
    build: Callable[[Library, Item], XmlElement]


def _qualified(namespace: str) -> Callable[[str], str]:
    return lambda name: f"{{{namespace}}}{name}"


def oai_dc(library: Library, item: Item) -> XmlElement:
    root = etree.Element(_qualified(OAI_DC)("dc"), nsmap={"dc": DC, "oai_dc": OAI_DC})
    _dublin_core(library, item, root)
    return root


def qdc(library: Library, item: Item) -> XmlElement:
    root = etree.Element(_qualified(QDC)("qualifieddc"), nsmap={"dcterms": DC, "qdc": QDC})
    _dublin_core(library, item, root)
    for file in item.files:
        add_element(root, _qualified(DC)("hasPart"), representations.file_object(file)["download_url"])
    return root


def _dublin_core(library: Library, item: Item, root: XmlElement) -> None:
    dc = _qualified(DC)
    # Titles and descriptions are HTML here too: its entities are escaped twice in the XML.
    add_element(root, dc("title"), item.title)
    for person in item.authors:
        add_element(root, dc("creator"), f"{person.name} ({person.id})")
    for number in item.categories:
        add_element(root, dc("subject"), str(library.categories[number]["title"]))
    for tag in item.seed["tags"]:
        add_element(root, dc("subject"), tag)
    add_element(root, dc("description"), representations.description(item))
    add_element(root, dc("date"), representations.timestamp(item.latest))
    add_element(root, dc("type"), item.type_name.capitalize())
    add_element(root, dc("identifier"), item.doi() or item.handle)
    add_element(root, dc("relation"), item.page)
    add_element(root, dc("rights"), str(library.licences[item.seed.get("licence", 1)]["name"]))


def oai_datacite(library: Library, item: Item) -> XmlElement:
    outer = _qualified(OAI_DATACITE)
    root = root_element(OAI_DATACITE, "oai_datacite")
    add_element(root, outer("schemaVersion"), "4.4")
    payload = etree.SubElement(root, outer("payload"))
    datacite = _qualified(DATACITE)
    resource = root_element(DATACITE, "resource")
    payload.append(resource)
    identifier_type = "DOI" if item.doi() else "Handle"
    add_element(resource, datacite("identifier"), item.doi() or item.handle, identifierType=identifier_type)
    creators = etree.SubElement(resource, datacite("creators"))
    for person in item.authors:
        creator = etree.SubElement(creators, datacite("creator"))
        add_element(creator, datacite("creatorName"), person.name, nameType="Personal")
        if person.orcid:
            scheme = {"nameIdentifierScheme": "ORCID", "schemeURI": "https://orcid.org"}
            add_element(creator, datacite("nameIdentifier"), person.orcid, **scheme)
    add_element(etree.SubElement(resource, datacite("titles")), datacite("title"), item.title)
    add_element(
        resource, datacite("publisher"), str(item.institution["name"]) if item.institution else "figshare"
    )
    add_element(resource, datacite("publicationYear"), str(item.first.year))
    subjects = etree.SubElement(resource, datacite("subjects"))
    for tag in item.seed["tags"]:
        add_element(subjects, datacite("subject"), tag)
    dates = etree.SubElement(resource, datacite("dates"))
    add_element(dates, datacite("date"), representations.timestamp(item.first), dateType="Created")
    add_element(dates, datacite("date"), representations.timestamp(item.latest), dateType="Updated")
    add_element(resource, datacite("resourceType"), item.type_name, resourceTypeGeneral=_general(item))
    add_element(resource, datacite("version"), str(len(item.versions)))
    licence = library.licences[item.seed.get("licence", 1)]
    rights = etree.SubElement(resource, datacite("rightsList"))
    add_element(rights, datacite("rights"), str(licence["name"]), rightsURI=str(licence["url"]))
    descriptions = etree.SubElement(resource, datacite("descriptions"))
    add_element(
        descriptions, datacite("description"), representations.description(item), descriptionType="Abstract"
    )
    return root


def _general(item: Item) -> str:
    known = {"dataset": "Dataset", "software": "Software", "figure": "Image", "media": "Audiovisual"}
    return known.get(item.type_name, "Text")


def rdf(library: Library, item: Item) -> XmlElement:
    names = {"bibo": BIBO, "rdf": RDF, "rdfs": RDFS, "vivo": VIVO, "dc": DC}
    root = etree.Element(_qualified(RDF)("RDF"), nsmap=names)
    kind = {"figure": "Image", "thesis": "Thesis", "book": "Book"}.get(item.type_name, "Document")
    about = etree.SubElement(root, _qualified(BIBO)(kind), {_qualified(RDF)("about"): item.page})
    add_element(about, _qualified(BIBO)("doi"), item.doi())
    add_element(about, _qualified(RDFS)("label"), item.title)
    date = {_qualified(RDF)("resource"): f"http://openvivo.org/a/date{item.latest:%Y-%m-%d}"}
    etree.SubElement(about, _qualified(VIVO)("datePublished"), date)
    add_element(about, _qualified(BIBO)("abstract"), representations.description(item))
    for tag in item.seed["tags"]:
        add_element(about, _qualified(BIBO)("freetextKeyword"), tag)
    add_element(about, _qualified(DC)("rights"), str(library.licences[item.seed.get("licence", 1)]["name"]))
    return root


def mets(library: Library, item: Item) -> XmlElement:
    name = _qualified(METS)
    root = etree.Element(
        name("mets"), {"OBJID": item.doi() or item.page}, nsmap={"mets": METS, "xlink": XLINK}
    )
    section = etree.SubElement(root, name("dmdSec"), {"ID": "DMD1"})
    wrap = etree.SubElement(section, name("mdWrap"), {"MDTYPE": "DC"})
    etree.SubElement(wrap, name("xmlData")).append(oai_dc(library, item))
    group = etree.SubElement(etree.SubElement(root, name("fileSec")), name("fileGrp"), {"USE": "CONTENT"})
    for file in item.files:
        # Links only: neither names nor checksums.
        element = etree.SubElement(group, name("file"), {"ID": f"F{file.id}"})
        link = {
            "LOCTYPE": "URL",
            _qualified(XLINK)("href"): representations.file_object(file)["download_url"],
        }
        etree.SubElement(element, name("FLocat"), link)
    return root


def cerif(library: Library, item: Item) -> XmlElement:
    name = _qualified(CERIF)
    root = root_element(CERIF, "CERIF")
    product = etree.SubElement(root, name("cfResProd"))
    add_element(product, name("cfResProdId"), str(item.id))
    add_element(product, name("cfURI"), item.page)
    add_element(product, name("cfName"), item.title, cfLangCode="en", cfTrans="o")
    return root


def uketd_dc(library: Library, item: Item) -> XmlElement:
    root = etree.Element(_qualified(UKETD)("uketddc"), nsmap={"uketd_dc": UKETD, "dc": DC})
    _dublin_core(library, item, root)
    add_element(
        root,
        _qualified(UKETD)("institution"),
        str(item.institution["name"]) if item.institution else "figshare",
    )
    return root


FORMATS: Mapping[str, MetadataFormat] = {
    "oai_dc": MetadataFormat(OAI_DC, "http://www.openarchives.org/OAI/2.0/oai_dc.xsd", oai_dc),
    "oai_datacite": MetadataFormat(
        OAI_DATACITE, "http://schema.datacite.org/oai/oai-1.1/oai.xsd", oai_datacite
    ),
    "rdf": MetadataFormat(RDF, "http://www.openarchives.org/OAI/2.0/rdf.xsd", rdf),
    "cerif": MetadataFormat(
        CERIF, "http://www.eurocris.org/Uploads/Web%20pages/CERIF-1.6/CERIF_1.6_2.xsd", cerif
    ),
    "qdc": MetadataFormat(QDC, "http://dublincore.org/schemas/xmls/qdc/2006/01/06/dcterms.xsd", qdc),
    "mets": MetadataFormat(METS, "http://www.loc.gov/standards/mets/mets.xsd", mets),
    "uketd_dc": MetadataFormat(
        UKETD, "http://naca.central.cranfield.ac.uk/ethos-oai/2.0/uketd_dc.xsd", uketd_dc
    ),
}
