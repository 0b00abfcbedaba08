"""A library of one drawn picture and the exports of it, for scripts that read these with other programs."""

import json
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[3]

PROMPT = '猫 & a "red" roof 🐈, naïve'
NEGATIVE = "blurry, שלום"
TAG = "屋根"
SEED = 42
STEPS = 2
DIGITAL_SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"


class DrawnLibrary:
    """Made by the command line, as a person would: drawn with the starter model, then tagged by an import of the
    drawn file itself."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.exports = 0
        drawn = folder / "drawn"
        options = ["--negative", NEGATIVE, "--seed", str(SEED), "--steps", str(STEPS)]
        self.atelier("draw", PROMPT, *options, "--out", str(drawn))
        (self.picture,) = drawn.iterdir()
        self.atelier("import", str(self.picture), "--tag", TAG)

    def atelier(self, *command: str) -> str:
        own = ["--library", str(self.folder / "library"), "--data", str(self.folder / "data")]
        ran = subprocess.run(
            ["npm", "run", "-s", "atelier", "--", *command, *own], cwd=ROOT, capture_output=True, text=True, check=False
        )
        if ran.returncode != 0:
            raise RuntimeError(f"atelier {command[0]} ended with {ran.returncode}: {ran.stderr}")
        return ran.stdout

    def export(self, file_format: str, metadata: str, *options: str) -> Path:
        """The one file of an export."""
        self.exports += 1
        out = self.folder / "out" / str(self.exports)
        self.atelier(
            "export", "--query", "", "--out", str(out), "--format", file_format, "--metadata", metadata, *options
        )
        (file,) = out.iterdir()
        return file


def recipe_of(text: str) -> dict:
    """The recipe, once it says what was drawn."""
    recipe = json.loads(text)
    settings = recipe["settings"]
    drawn = (settings["prompt"], settings["negativePrompt"], settings["seed"], settings["steps"])
    assert drawn == (PROMPT, NEGATIVE, SEED, STEPS), drawn
    return recipe
