"""Reads whole exports with Pillow: every format with every metadata profile, as `atelier export` writes them.

Ends with 1 where a file tells less than its profile says, or more, or is not the picture. Prints a line a file.

    python models/recipes/golden/exported_pictures.py
"""

import sys
import tempfile
from pathlib import Path
from xml.etree import ElementTree

from PIL import Image, ImageChops, ImageStat
from PIL.ExifTags import IFD, Base

from whole_exports import DIGITAL_SOURCE_TYPE, NEGATIVE, PROMPT, SEED, STEPS, TAG, DrawnLibrary, recipe_of

# What Pillow calls them, and how far a pixel may be from the library's on average, of 255.
FORMATS = {"png": ("PNG", 0), "tiff": ("TIFF", 0), "jpeg": ("JPEG", 6), "webp": ("WEBP", 6), "avif": ("AVIF", 6)}
PROFILES = ("full", "disclosure", "clean")

RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
SOURCE_TYPE = "{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}DigitalSourceType"
CREATOR_TOOL = "{http://ns.adobe.com/xap/1.0/}CreatorTool"
SUBJECT = "{http://purl.org/dc/elements/1.1/}subject"
RECIPE = "{https://atelier.local/ns/1.0/}Recipe"

# Tags of TIFF without which there is no picture (TIFF 6.0), and the colour profile.
TIFF_PICTURE_TAGS = {254, 256, 257, 258, 259, 262, 266, 273, 274, 277, 278, 279, 282, 283, 284, 296, 317, 339, 34675}
# What Pillow itself tells of a file that says nothing.
PLAIN_INFO = {
    "PNG": {"icc_profile", "srgb", "gamma", "chromaticity", "dpi"},
    "TIFF": {"icc_profile", "compression", "dpi"},
    "JPEG": {"icc_profile", "jfif", "jfif_version", "jfif_unit", "jfif_density", "dpi"},
    "WEBP": {"icc_profile", "loop", "background", "timestamp", "duration"},
    "AVIF": {"icc_profile", "duration", "timestamp"},
}


def comment_of(image: Image.Image) -> str | None:
    exif = image.getexif()
    comment = exif.get_ifd(IFD.Exif).get(Base.UserComment)
    if comment is None:
        return None
    assert comment.startswith(b"UNICODE\0"), comment[:8]
    return comment[8:].decode("utf-16-be" if exif.endian == ">" else "utf-16-le")


def packet_of(image: Image.Image) -> ElementTree.Element | None:
    """The description in the XMP packet."""
    found = image.info.get("XML:com.adobe.xmp") or image.info.get("xmp")
    if found is None and image.format == "TIFF":
        found = image.tag_v2.get(700)
    if found is None:
        return None
    text = found.decode() if isinstance(found, bytes) else found
    return ElementTree.fromstring(text.strip("\ufeff\0")).find(f"{RDF}RDF/{RDF}Description")


def traces_in(file: Path, recipe: dict) -> list[str]:
    """Words of the maker's in the bytes, however they may be written."""
    content = file.read_bytes()
    words = [PROMPT, "red", NEGATIVE, "blurry", TAG, str(SEED), recipe["modelName"], recipe["modelHash"], "Atelier"]
    words += ["atelier", "algorithmic", "xpacket", "Exif"]
    encodings = ("utf-8", "utf-16-le", "utf-16-be")
    # Three bytes may be there by chance.
    return [word for word in words if len(word) > 3 and any(word.encode(name) in content for name in encodings)]


def check(file: Path, file_format: str, profile: str, original: Image.Image) -> float:
    """The mean distance of the pixels from the library's, of 255."""
    name, most = FORMATS[file_format]
    with Image.open(file) as image:
        image.load()
        assert image.format == name, image.format
        distance = max(ImageStat.Stat(ImageChops.difference(image.convert("RGB"), original)).mean)
        assert distance <= most, f"pixels are {distance:.2f} away"
        packet = packet_of(image)
        parameters = image.info.get("parameters") if name == "PNG" else comment_of(image)
        recipe_text = image.info.get("atelier") if name == "PNG" else None if packet is None else packet.findtext(RECIPE)
        software = image.getexif().get(Base.Software)
        if profile == "clean":
            assert packet is None and parameters is None and software is None
            assert set(image.info) <= PLAIN_INFO[name], set(image.info) - PLAIN_INFO[name]
            if name == "TIFF":
                assert set(image.tag_v2) <= TIFF_PICTURE_TAGS, set(image.tag_v2) - TIFF_PICTURE_TAGS
            else:
                assert not image.getexif(), dict(image.getexif())
        else:
            assert packet is not None
            assert packet.get(SOURCE_TYPE) == DIGITAL_SOURCE_TYPE, packet.attrib
            assert (packet.get(CREATOR_TOOL) or "").startswith("Atelier "), packet.attrib
        if profile == "full":
            recipe_of(recipe_text)
            first, negative, settings = parameters.split("\n")
            assert (first, negative) == (PROMPT, f"Negative prompt: {NEGATIVE}"), (first, negative)
            assert settings.startswith(f"Steps: {STEPS}, ") and f", Seed: {SEED}, " in settings, settings
            assert [item.text for item in packet.iter(f"{RDF}li")][-1] == TAG and packet.find(SUBJECT) is not None
        else:
            assert parameters is None and recipe_text is None and len(packet or ()) == 0
    return distance


def main() -> int:
    failures = 0
    with tempfile.TemporaryDirectory() as folder:
        library = DrawnLibrary(Path(folder))
        with Image.open(library.picture) as drawn:
            original = drawn.convert("RGB")
            recipe = recipe_of(drawn.info["atelier"])
        for file_format in FORMATS:
            for profile in PROFILES:
                file = library.export(file_format, profile)
                try:
                    distance = check(file, file_format, profile, original)
                    traces = traces_in(file, recipe) if profile == "clean" else []
                    assert traces == [], f"the bytes hold {traces}"
                    print(f"{file_format:5} {profile:10} {file.stat().st_size:7} bytes, pixels {distance:.2f} away")
                except AssertionError as error:
                    failures += 1
                    print(f"{file_format:5} {profile:10} FAILED: {error!r}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
