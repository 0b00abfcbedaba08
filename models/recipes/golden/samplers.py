"""What transformers' own logits processors and plain formulas make of a few distributions: golden data
for main/engine/language/sampling.

transformers computes repetition penalty, no-repeat-n-gram, temperature, top-k, top-p, min-p and typical;
what it lacks (frequency and presence penalties, DRY, top-n-sigma, XTC, dynamic temperature, Mirostat 2,
llama.cpp's order of all of them) is written down here a second time, as slowly and plainly as can be.

    python models/recipes/golden/samplers.py
"""

import json
import math
from pathlib import Path

import numpy
import torch
import transformers
from transformers import (
    LogitsProcessorList,
    MinPLogitsWarper,
    NoRepeatNGramLogitsProcessor,
    RepetitionPenaltyLogitsProcessor,
    TemperatureLogitsWarper,
    TopKLogitsWarper,
    TopPLogitsWarper,
    TypicalLogitsWarper,
)

OUT = Path(__file__).parents[3] / "main/engine/language/sampling/samplers.golden.json"
VOCABULARY = 40
SHAPES = {"flat": 0.3, "usual": 2.5, "peaked": 7.0}
HISTORY = [5, 6, 7, 8, 5, 6, 7, 9, 1, 5, 6, 7, 8, 2, 2, 2, 11, 12, 5, 6, 7]
BREAKERS = [11, 12]


def distributions():
    generator = numpy.random.default_rng(20260105)
    return {name: (generator.standard_normal(VOCABULARY) * spread).astype(numpy.float32) for name, spread in SHAPES.items()}


def softmax(logits):
    logits = numpy.asarray(logits, dtype=numpy.float64)
    weights = numpy.exp(logits - logits.max())
    return weights / weights.sum()


def by_transformers(*processors):
    def apply(logits, history):
        scores = LogitsProcessorList(processors)(torch.tensor([history]), torch.tensor(logits)[None])
        return scores[0].numpy().astype(numpy.float64)

    return apply


def keep(logits, condition):
    return numpy.where(condition, logits, -numpy.inf)


def frequency_and_presence(frequency, presence, window):
    def apply(logits, history):
        counts = numpy.bincount(history[len(history) - window :], minlength=VOCABULARY)
        return logits - counts * frequency - (counts > 0) * presence

    return apply


def dry(multiplier, base, allowed, window, breakers):
    """Every end of the text against every earlier place, by comparing slices."""

    def apply(logits, history):
        text = history[max(0, len(history) - window) :]
        longest = {}
        for place in range(1, len(text)):
            for length in range(allowed, place + 1):
                end = text[len(text) - length :]
                if any(token in breakers for token in end):
                    break
                if text[place - length : place] == end and text[place] not in breakers:
                    longest[text[place]] = max(longest.get(text[place], 0), length)
        out = logits.astype(numpy.float64)
        for token, length in longest.items():
            out[token] -= multiplier * base ** (length - allowed)
        return out

    return apply


def top_n_sigma(n):
    return lambda logits, _history: keep(logits, logits >= logits.max() - n * logits[numpy.isfinite(logits)].std())


def xtc(threshold):
    def apply(logits, _history):
        probabilities = softmax(logits)
        likely = [token for token in numpy.argsort(-probabilities) if probabilities[token] >= threshold]
        out = logits.astype(numpy.float64)
        out[likely[:-1]] = -numpy.inf
        return out

    return apply


def dynamic_temperature(low, high, exponent):
    def apply(logits, _history):
        probabilities = softmax(logits[numpy.isfinite(logits)])
        entropy = -sum(p * math.log(p) for p in probabilities if p > 0)
        return logits / (low + (high - low) * (entropy / math.log(len(probabilities))) ** exponent)

    return apply


def chain(*stages):
    def apply(logits, history):
        for stage in stages:
            logits = stage(logits.astype(numpy.float32), history).astype(numpy.float64)
        return logits

    return apply


def mirostat_run(all_logits, tau, eta, steps):
    """Draws go through the tokens in the order of their ids."""
    generator = numpy.random.default_rng(7)
    mu, run = 2 * tau, []
    for step in range(steps):
        name = list(SHAPES)[step % len(SHAPES)]
        probabilities = softmax(all_logits[name])
        allowed = -numpy.log2(probabilities) <= mu
        allowed[probabilities.argmax()] = True
        kept = numpy.where(allowed, probabilities, 0)
        kept /= kept.sum()
        uniform = float(numpy.round(generator.random(), 6))
        token = int(numpy.searchsorted(numpy.cumsum(kept), uniform, side="right"))
        after = mu - eta * (-math.log2(kept[token]) - tau)
        run.append({"logits": name, "mu": mu, "uniform": uniform, "tokenId": token, "muAfter": after})
        mu = after
    return run


CASES = [
    *[({"order": ["top-k"], "topK": k}, by_transformers(TopKLogitsWarper(k))) for k in (1, 5, 40)],
    *[({"order": ["top-p"], "topP": p}, by_transformers(TopPLogitsWarper(p))) for p in (0.1, 0.6, 0.95)],
    *[({"order": ["min-p"], "minP": p}, by_transformers(MinPLogitsWarper(p))) for p in (0.02, 0.3, 1.0)],
    *[({"order": ["typical"], "typicalP": p}, by_transformers(TypicalLogitsWarper(p))) for p in (0.1, 0.5, 0.9)],
    *[({"order": ["temperature"], "temperature": t}, by_transformers(TemperatureLogitsWarper(t))) for t in (0.3, 1.7)],
    *[
        ({"order": ["penalties"], "repetitionPenalty": r, "penaltyWindow": 100}, by_transformers(RepetitionPenaltyLogitsProcessor(r)))
        for r in (0.7, 1.3)
    ],
    *[({"order": ["no-repeat-ngram"], "noRepeatNgram": n}, by_transformers(NoRepeatNGramLogitsProcessor(n))) for n in (1, 2, 3, 6)],
    (
        {"order": ["penalties"], "frequencyPenalty": 0.4, "presencePenalty": 0.7, "penaltyWindow": 8},
        frequency_and_presence(0.4, 0.7, 8),
    ),
    (
        {"order": ["penalties"], "repetitionPenalty": 1.2, "frequencyPenalty": 0.2, "presencePenalty": -0.5, "penaltyWindow": 100},
        chain(by_transformers(RepetitionPenaltyLogitsProcessor(1.2)), frequency_and_presence(0.2, -0.5, len(HISTORY))),
    ),
    *[
        (
            {"order": ["dry"], "dryMultiplier": m, "dryBase": b, "dryAllowedLength": a, "dryWindow": w, "dryBreakers": br},
            dry(m, b, a, w, BREAKERS if br else []),
        )
        for m, b, a, w, br in ((0.8, 1.75, 2, 100, ["|"]), (0.8, 1.75, 2, 100, []), (0.5, 1.2, 1, 9, ["|"]), (2.0, 3.0, 3, 100, []), (1.0, 1.75, 4, 100, ["|"]))
    ],
    *[({"order": ["top-n-sigma"], "topNSigma": n}, top_n_sigma(n)) for n in (0.5, 1.0, 2.0)],
    *[({"order": ["xtc"], "xtcProbability": 1, "xtcThreshold": t}, xtc(t)) for t in (0.02, 0.1, 0.5)],
    *[
        (
            {"order": ["temperature"], "dynamicTemperatureLow": low, "dynamicTemperatureHigh": high, "dynamicTemperatureExponent": e},
            dynamic_temperature(low, high, e),
        )
        for low, high, e in ((0.5, 1.5, 1.0), (0.2, 2.0, 0.5), (1.2, 0.4, 2.0))
    ],
    (
        {
            "order": ["penalties", "no-repeat-ngram", "temperature", "top-k", "top-p", "min-p", "typical"],
            "repetitionPenalty": 1.15, "penaltyWindow": 100, "noRepeatNgram": 4, "temperature": 1.4, "topK": 30, "topP": 0.97, "minP": 0.01, "typicalP": 0.9,
        },
        by_transformers(
            RepetitionPenaltyLogitsProcessor(1.15), NoRepeatNGramLogitsProcessor(4), TemperatureLogitsWarper(1.4),
            TopKLogitsWarper(30), TopPLogitsWarper(0.97), MinPLogitsWarper(0.01), TypicalLogitsWarper(0.9),
        ),
    ),
    (
        {
            "repetitionPenalty": 1.15, "frequencyPenalty": 0.1, "penaltyWindow": 100, "dryMultiplier": 0.8, "dryBreakers": ["|"], "topNSigma": 2.5,
            "topK": 30, "typicalP": 0.99, "topP": 0.97, "minP": 0.01, "xtcProbability": 1, "xtcThreshold": 0.12, "temperature": 1.4,
        },
        chain(
            by_transformers(RepetitionPenaltyLogitsProcessor(1.15)), frequency_and_presence(0.1, 0, len(HISTORY)), dry(0.8, 1.75, 2, 100, BREAKERS),
            top_n_sigma(2.5), by_transformers(TopKLogitsWarper(30)), by_transformers(TypicalLogitsWarper(0.99)), by_transformers(TopPLogitsWarper(0.97)),
            by_transformers(MinPLogitsWarper(0.01)), xtc(0.12), by_transformers(TemperatureLogitsWarper(1.4)),
        ),
    ),
]  # fmt: skip


def main() -> None:
    all_logits = distributions()
    cases = []
    for settings, apply in CASES:
        for name, logits in all_logits.items():
            scores = apply(logits, HISTORY)
            kept = numpy.flatnonzero(numpy.isfinite(scores))
            probabilities = softmax(scores)[kept]
            cases.append(
                {
                    "logits": name,
                    "settings": settings,
                    "kept": kept.tolist() if len(kept) < VOCABULARY else "all",
                    "probabilities": [float(f"{p:.6g}") for p in probabilities],
                }
            )
    OUT.write_text(
        json.dumps(
            {
                "madeBy": "models/recipes/golden/samplers.py",
                "transformers": transformers.__version__,
                "history": HISTORY,
                "breakers": BREAKERS,
                "logits": {name: [float(value) for value in logits] for name, logits in all_logits.items()},
                "cases": cases,
                "mirostat": [{"tau": tau, "eta": eta, "run": mirostat_run(all_logits, tau, eta, 12)} for tau, eta in ((3.0, 0.1), (1.0, 0.5))],
            },
            separators=(",", ":"),
        )
        + "\n"
    )
    print(f"{len(cases)} cases, {OUT.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
