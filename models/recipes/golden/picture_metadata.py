"""Tiny pictures with the metadata of every program and format that the library reads, and what went into them:
golden data for main/studio/library/metadata.

The files are written by Pillow and piexif, which are what most of the programs themselves write with, in the way that
each program does it. Nothing of theirs is in here: texts and graphs are made up.

    python models/recipes/golden/picture_metadata.py
"""

import gzip
import json
import struct
from pathlib import Path

import piexif
import piexif.helper
from PIL import Image, TiffTags
from PIL.PngImagePlugin import PngInfo
from PIL.TiffImagePlugin import ImageFileDirectory_v2

ROOT = Path(__file__).parents[3]
OUT = ROOT / "main/studio/library/metadata/golden"
SIZE = (24, 40)

PROMPT = "猫 and a cat 🐈‍⬛, (soft light:1.2)\nof Käse"
NEGATIVE = "blurry, שלום"
TEXT = (
    f"{PROMPT}\nNegative prompt: {NEGATIVE}\nSteps: 20, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 6.5, "
    "Seed: 1234567890, Size: 512x768, Model hash: 0123456789, Model: dream_xl, Denoising strength: 0.4, Clip skip: 2, "
    'Lora hashes: "ink: aabbccddeeff", Version: v1.10.1'
)
PLAIN = TEXT.replace(PROMPT, "a cat, of cheese").replace(NEGATIVE, "blurry")
UNDERSTOOD = {
    "prompt": PROMPT,
    "negativePrompt": NEGATIVE,
    "modelName": "dream_xl",
    "modelHash": "0123456789",
    "sampler": "DPM++ 2M",
    "schedule": "Karras",
    "steps": 20,
    "guidanceScale": 6.5,
    "seed": 1234567890,
    "width": 512,
    "height": 768,
    "clipSkip": 2,
    "denoisingStrength": 0.4,
}
UNDERSTOOD_PLAIN = {**UNDERSTOOD, "prompt": "a cat, of cheese", "negativePrompt": "blurry"}

expected: dict[str, dict] = {}


def picture(mode="RGB"):
    image = Image.new(mode, SIZE)
    channels = len(mode)
    image.putdata([tuple((7 * x + 11 * y + 40 * c) % 256 for c in range(channels)) for y in range(SIZE[1]) for x in range(SIZE[0])])
    return image


def told(name, program, place, understood, **more):
    expected[name] = {"program": program, "place": place, "understood": understood, **more}


def save_png(name, texts, mode="RGB", **options):
    info = PngInfo()
    for keyword, text, how in texts:
        if how == "zTXt":
            info.add_text(keyword, text, zip=True)
        elif how == "iTXt":
            info.add_itxt(keyword, text)
        elif how == "iTXt packed":
            info.add_itxt(keyword, text, zip=True)
        else:
            info.add_text(keyword, text)
    picture(mode).save(OUT / name, pnginfo=info, **options)


def text_of(how, text):
    """A user comment in one of the ways that are out there."""
    if how == "unicode":
        return piexif.helper.UserComment.dump(text, encoding="unicode")
    if how == "unicode little":
        return b"UNICODE\0" + text.encode("utf-16-le")
    if how == "ascii":
        return piexif.helper.UserComment.dump(text, encoding="ascii")
    if how == "ascii utf-8":
        return b"ASCII\0\0\0" + text.encode()
    if how == "undefined utf-8":
        return b"\0" * 8 + text.encode()
    if how == "unicode utf-8":
        return b"UNICODE\0" + text.encode()
    return text.encode()


def comment_exif(how, text):
    return piexif.dump({"Exif": {piexif.ExifIFD.UserComment: text_of(how, text)}})


def little_endian_exif(comment):
    """A directory with a pointer to another, whose entry is the comment: as Windows programs write it."""
    head = b"II*\0" + struct.pack("<I", 8)
    root = struct.pack("<H", 1) + struct.pack("<HHII", 0x8769, 4, 1, 26) + struct.pack("<I", 0)
    second = struct.pack("<H", 1) + struct.pack("<HHII", 0x9286, 7, len(comment), 44) + struct.pack("<I", 0)
    return b"Exif\0\0" + head + root + second + comment


def xmp_packet(attributes="", elements=""):
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""'
        ' xmlns:exif="http://ns.adobe.com/exif/1.0/" xmlns:q="http://ns.adobe.com/xap/1.0/"'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/"'
        f' xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" {attributes}>{elements}'
        "</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end=\"w\"?>"
    )


def escaped(text):
    return text.replace("&", "&amp;").replace("<", "&lt;").replace("\n", "&#xA;")


def web_ui():
    for how in ["tEXt", "zTXt", "iTXt", "iTXt packed"]:
        text, understood = (PLAIN, UNDERSTOOD_PLAIN) if how in ("tEXt", "zTXt") else (TEXT, UNDERSTOOD)
        name = f"web-ui-{how.replace(' ', '-').lower()}.png"
        save_png(name, [("parameters", text, how)])
        told(name, "web-ui", "png:parameters", understood, parameters=text)
    for how in ["unicode", "unicode little", "ascii", "ascii utf-8", "undefined utf-8", "unicode utf-8", "bare utf-8"]:
        text, understood = (PLAIN, UNDERSTOOD_PLAIN) if how in ("ascii", "unicode utf-8") else (TEXT, UNDERSTOOD)
        for ending, extra in [("jpg", {}), ("webp", {}), ("avif", {})]:
            name = f"web-ui-{how.replace(' ', '-')}.{ending}"
            picture().save(OUT / name, exif=comment_exif(how, text), **extra)
            told(name, "web-ui", "exif:UserComment", understood, parameters=text)
    name = "web-ui-intel-order.jpg"
    picture().save(OUT / name, exif=little_endian_exif(text_of("unicode little", TEXT)))
    told(name, "web-ui", "exif:UserComment", UNDERSTOOD, parameters=TEXT)
    name = "web-ui-lossless.webp"
    picture().save(OUT / name, exif=comment_exif("unicode", TEXT), lossless=True)
    told(name, "web-ui", "exif:UserComment", UNDERSTOOD, parameters=TEXT)
    name = "web-ui.tif"
    directory = ImageFileDirectory_v2()
    directory[0x8769] = {0x9286: text_of("unicode", TEXT)}
    directory.tagtype[0x8769] = TiffTags.LONG
    picture().save(OUT / name, tiffinfo=directory)
    told(name, "web-ui", "exif:UserComment", UNDERSTOOD, parameters=TEXT)
    name = "web-ui.gif"
    picture().save(OUT / name, comment=TEXT.encode())
    told(name, "web-ui", "gif:comment", UNDERSTOOD, parameters=TEXT)
    name = "web-ui-comment.jpg"
    picture().save(OUT / name, comment=TEXT.encode())
    told(name, "web-ui", "jpeg:comment", UNDERSTOOD, parameters=TEXT)
    name = "web-ui-exif.png"
    picture().save(OUT / name, exif=comment_exif("unicode", TEXT)[6:])
    told(name, "web-ui", "exif:UserComment", UNDERSTOOD, parameters=TEXT)


def bits_of(data):
    for byte in data:
        for shift in range(7, -1, -1):
            yield byte >> shift & 1


def hide(name, signature, text, size=(64, 96)):
    mode = "RGBA" if "png" in signature else "RGB"
    payload = gzip.compress(text.encode(), mtime=0) if signature.endswith("comp") else text.encode()
    bits = list(bits_of(signature.encode() + struct.pack(">I", 8 * len(payload)) + payload))
    image = Image.effect_noise(size, 40).convert(mode)
    pixels = image.load()
    step = 1 if mode == "RGBA" else 3
    for index in range(0, len(bits), step):
        place = index // step
        x, y = place // size[1], place % size[1]
        pixel = list(pixels[x, y])
        for offset, bit in enumerate(bits[index : index + step]):
            channel = 3 if mode == "RGBA" else offset
            pixel[channel] = pixel[channel] & 0xFE | bit
        pixels[x, y] = tuple(pixel)
    image.save(OUT / name)
    return {"width": size[0], "height": size[1]}


def stealth():
    for signature in ["stealth_pngcomp", "stealth_rgbcomp", "stealth_pnginfo"]:
        name = f"{signature.replace('_', '-')}.png"
        size = hide(name, signature, TEXT)
        where = "stealth:alpha" if "png" in signature else "stealth:rgb"
        told(name, "web-ui", where, UNDERSTOOD, parameters=TEXT, **size)


def link(node, slot=0):
    return [str(node), slot]


def comfy_graph():
    """Text to image, with two adapters, a skipped layer, and the seed in a node of its own."""
    node = lambda kind, **inputs: {"class_type": kind, "inputs": inputs, "_meta": {"title": kind}}
    return {
        "1": node("CheckpointLoaderSimple", ckpt_name="xl\\dream_xl.safetensors"),
        "2": node("LoraLoader", model=link(1), clip=link(1, 1), lora_name="ink.safetensors", strength_model=0.8, strength_clip=0.5),
        "3": node("LoraLoaderModelOnly", model=link(2), lora_name="sub/detail.safetensors", strength_model=0.3),
        "4": node("CLIPSetLastLayer", clip=link(2, 1), stop_at_clip_layer=-2),
        "5": node("CLIPTextEncode", clip=link(4), text=PROMPT),
        "6": node("CLIPTextEncode", clip=link(4), text=NEGATIVE),
        "7": node("EmptyLatentImage", width=512, height=768, batch_size=1),
        "8": node("PrimitiveInt", value=1234567890),
        "9": node(
            "KSampler", model=link(3), positive=link(5), negative=link(6), latent_image=link(7), seed=link(8), steps=20,
            cfg=6.5, sampler_name="dpmpp_2m", scheduler="karras", denoise=1.0,
        ),
        "10": node("VAEDecode", samples=link(9), vae=link(11)),
        "11": node("VAELoader", vae_name="mse.safetensors"),
        "12": {**node("SaveImage", images=link(10), filename_prefix="ComfyUI"), "is_changed": [float("nan")]},
    }


def comfy_flux():
    node = lambda kind, **inputs: {"class_type": kind, "inputs": inputs}
    return {
        "1": node("UNETLoader", unet_name="flux1-dev.safetensors", weight_dtype="default"),
        "2": node("DualCLIPLoader", clip_name1="t5xxl.safetensors", clip_name2="clip_l.safetensors", type="flux"),
        "3": node("CLIPTextEncode", clip=link(2), text=link(13)),
        "4": node("FluxGuidance", conditioning=link(3), guidance=3.5),
        "5": node("BasicGuider", model=link(6), conditioning=link(4)),
        "6": node("ModelSamplingFlux", model=link(7), max_shift=1.15, base_shift=0.5, width=512, height=768),
        "7": node("LoraLoaderModelOnly", model=link(1), lora_name="ink.safetensors", strength_model=0.8),
        "8": node("RandomNoise", noise_seed=18446744073709551615),
        "9": node("KSamplerSelect", sampler_name="euler"),
        "10": node("BasicScheduler", model=link(6), scheduler="simple", steps=20, denoise=1.0),
        "11": node("EmptySD3LatentImage", width=512, height=768, batch_size=1),
        "12": node("SamplerCustomAdvanced", noise=link(8), guider=link(5), sampler=link(9), sigmas=link(10), latent_image=link(11)),
        "13": node("StringConcatenate", string_a="猫 and", string_b="a cat", delimiter=" "),
        "14": node("VAEDecode", samples=link(12), vae=link(15)),
        "15": node("VAELoader", vae_name="ae.safetensors"),
        "16": node("SaveImage", images=link(14), filename_prefix="flux"),
    }


def comfy_passes():
    graph = comfy_graph()
    node = lambda kind, **inputs: {"class_type": kind, "inputs": inputs}
    graph["20"] = node("LatentUpscaleBy", samples=link(9), upscale_method="nearest-exact", scale_by=1.5)
    graph["21"] = node(
        "KSampler", model=link(3), positive=link(5), negative=link(6), latent_image=link(20), seed=99, steps=12,
        cfg=6.5, sampler_name="dpmpp_2m", scheduler="karras", denoise=0.4,
    )
    graph["10"]["inputs"]["samples"] = link(21)
    return graph


def comfy_refiner():
    node = lambda kind, **inputs: {"class_type": kind, "inputs": inputs}
    shared = {"steps": 25, "cfg": 6.5, "sampler_name": "euler", "scheduler": "normal"}
    encoded = lambda text, clip: node("CLIPTextEncodeSDXL", clip=clip, text_g=text, text_l=text, width=1024, height=1024)
    return {
        "1": node("CheckpointLoaderSimple", ckpt_name="dream_xl.safetensors"),
        "2": node("CheckpointLoaderSimple", ckpt_name="dream_refiner.safetensors"),
        "3": encoded(PROMPT, link(1, 1)),
        "4": encoded(NEGATIVE, link(1, 1)),
        "5": encoded("of the refiner", link(2, 1)),
        "6": encoded("", link(2, 1)),
        "7": node("EmptyLatentImage", width=512, height=768, batch_size=4),
        "8": node(
            "KSamplerAdvanced", model=link(1), positive=link(12), negative=link(12, 1), latent_image=link(7), add_noise="enable",
            noise_seed=1234567890, start_at_step=0, end_at_step=20, return_with_leftover_noise="enable", **shared,
        ),
        "9": node(
            "KSamplerAdvanced", model=link(2), positive=link(5), negative=link(6), latent_image=link(8), add_noise="disable",
            noise_seed=1, start_at_step=20, end_at_step=10000, return_with_leftover_noise="disable", **shared,
        ),
        "10": node("VAEDecode", samples=link(9), vae=link(2, 2)),
        "11": node("SaveImage", images=link(10)),
        "12": node(
            "ControlNetApplyAdvanced", positive=link(3), negative=link(4), control_net=link(13), image=link(14), strength=0.7,
            start_percent=0.1, end_percent=0.9,
        ),
        "13": node("ControlNetLoader", control_net_name="canny-xl.safetensors"),
        "14": node("LoadImage", image="edges.png"),
    }


def comfy_workflow():
    """What the window saves: values without names, and links in a list of their own."""
    nodes = [
        (1, "CheckpointLoaderSimple", ["dream_xl.safetensors"], {}),
        (2, "CLIPTextEncode", [PROMPT], {"clip": 1}),
        (3, "CLIPTextEncode", [NEGATIVE], {"clip": 1}),
        (4, "EmptyLatentImage", [512, 768, 1], {}),
        (5, "KSampler", [1234567890, "randomize", 20, 6.5, "dpmpp_2m", "karras", 1], {"model": 1, "positive": 2, "negative": 3, "latent_image": 4}),
        (6, "VAEDecode", [], {"samples": 5, "vae": 1}),
        (7, "SaveImage", ["ComfyUI"], {"images": 6}),
    ]
    links = []
    listed = []
    for identity, kind, values, inputs in nodes:
        ports = []
        for name, origin in inputs.items():
            links.append([len(links) + 1, origin, 0, identity, len(ports), "*"])
            ports.append({"name": name, "type": "*", "link": len(links)})
        listed.append({"id": identity, "type": kind, "mode": 0, "inputs": ports, "widgets_values": values})
    return {"last_node_id": 7, "nodes": listed, "links": links, "version": 0.4}


COMFY = {key: UNDERSTOOD[key] for key in UNDERSTOOD if key not in ("modelHash", "denoisingStrength")}


def comfyui():
    workflow = json.dumps(comfy_workflow())
    loras = [
        {"name": "ink", "unetWeight": 0.8, "textWeight": 0.5},
        {"name": "detail", "unetWeight": 0.3, "textWeight": 0},
    ]
    graph = {**COMFY, "loras": loras}
    save_png("comfyui.png", [("prompt", json.dumps(comfy_graph()), "tEXt"), ("workflow", workflow, "tEXt")])
    told("comfyui.png", "comfyui", "png:prompt", graph)
    exif = Image.Exif()
    exif[0x0110] = "prompt:" + json.dumps(comfy_graph())
    exif[0x010F] = "workflow:" + workflow
    picture().save(OUT / "comfyui.webp", exif=exif)
    told("comfyui.webp", "comfyui", "exif:Model", graph)
    save_png("comfyui-workflow.png", [("workflow", workflow, "tEXt")])
    told("comfyui-workflow.png", "comfyui", "png:workflow", {**COMFY, "clipSkip": None})
    save_png("comfyui-flux.png", [("prompt", json.dumps(comfy_flux()), "tEXt")])
    told(
        "comfyui-flux.png", "comfyui", "png:prompt",
        {
            "prompt": "猫 and a cat", "negativePrompt": "", "modelName": "flux1-dev", "sampler": "Flow Euler", "schedule": "Normal",
            "steps": 20, "guidanceScale": 1, "seed": None, "width": 512, "height": 768,
            "loras": [{"name": "ink", "unetWeight": 0.8, "textWeight": 0}],
        },
        pairs={"Seed": "18446744073709551615", "Distilled CFG Scale": "3.5"},
    )
    save_png("comfyui-passes.png", [("prompt", json.dumps(comfy_passes()), "tEXt")])
    told(
        "comfyui-passes.png", "comfyui", "png:prompt", {**graph, "denoisingStrength": 0.4},
        pairs={"Hires upscale": "1.5", "Hires steps": "12", "Hires upscaler": "Latent (nearest)"},
    )
    save_png("comfyui-refiner.png", [("prompt", json.dumps(comfy_refiner()), "tEXt")])
    told(
        "comfyui-refiner.png", "comfyui", "png:prompt",
        {**COMFY, "steps": 25, "clipSkip": None, "sampler": "Euler", "schedule": "Normal"},
        pairs={
            "Refiner": "dream_refiner", "Refiner switch at": "0.8",
            "ControlNet 0": "Module: none, Model: canny-xl, Weight: 0.7, Guidance Start: 0.1, Guidance End: 0.9",
        },
    )


def invokeai():
    metadata = {
        "generation_mode": "sdxl_img2img", "positive_prompt": PROMPT, "negative_prompt": NEGATIVE, "width": 512, "height": 768,
        "seed": 1234567890, "rand_device": "cpu", "cfg_scale": 6.5, "steps": 20, "scheduler": "dpmpp_2m_k", "clip_skip": 1,
        "model": {"key": "k", "hash": "blake3:0123456789", "name": "dream_xl", "base": "sdxl", "type": "main"},
        "loras": [{"model": {"name": "ink", "type": "lora"}, "weight": 0.75}], "strength": 0.4, "app_version": "5.0.0",
        "controlnets": [{"control_model": {"name": "canny-xl"}, "control_weight": 0.7, "begin_step_percent": 0, "end_step_percent": 0.5}],
    }
    loras = [{"name": "ink", "unetWeight": 0.75, "textWeight": 0.75}]
    save_png("invokeai.png", [("invokeai_metadata", json.dumps(metadata), "tEXt"), ("invokeai_graph", "{}", "tEXt")])
    told("invokeai.png", "invokeai", "png:invokeai_metadata", {**UNDERSTOOD, "loras": loras})
    third = {**metadata, "model": {"model_name": "dream_xl", "base_model": "sdxl"}, "loras": [{"lora": {"model_name": "ink"}, "weight": 0.75}]}
    save_png("invokeai-3.png", [("invokeai_metadata", json.dumps(third), "tEXt")])
    told("invokeai-3.png", "invokeai", "png:invokeai_metadata", {**UNDERSTOOD, "modelHash": None, "loras": loras})
    old = {
        "model": "stable diffusion", "model_weights": "dream_xl", "model_hash": "0123456789abcdef",
        "image": {
            "prompt": [{"prompt": "a cat [blurry]", "weight": 1.0}], "steps": 20, "cfg_scale": 6.5, "sampler": "k_dpm_2_a",
            "seed": 1234567890, "width": 512, "height": 768,
        },
    }
    understood = {
        "prompt": "a cat", "negativePrompt": "blurry", "steps": 20, "guidanceScale": 6.5, "seed": 1234567890, "width": 512,
        "height": 768, "sampler": "DPM2 a", "schedule": "Normal",
    }
    dream = '"a cat [blurry]" -s 20 -S 1234567890 -W 512 -H 768 -C 6.5 -A k_dpm_2_a'
    save_png("invokeai-2.png", [("sd-metadata", json.dumps(old), "tEXt"), ("Dream", dream, "tEXt")])
    told("invokeai-2.png", "invokeai", "png:sd-metadata", {**understood, "modelName": "dream_xl", "modelHash": "0123456789"})
    save_png("invokeai-1.png", [("Dream", dream, "tEXt")])
    told("invokeai-1.png", "invokeai", "png:Dream", understood)


def fooocus():
    metadata = {
        "prompt": PROMPT, "negative_prompt": NEGATIVE, "full_prompt": [PROMPT, "cinematic"], "full_negative_prompt": [NEGATIVE],
        "styles": "['Fooocus V2']", "performance": "Speed", "steps": 20, "resolution": "(512, 768)", "guidance_scale": 6.5,
        "sharpness": 2.0, "adm_guidance": "(1.5, 0.8, 0.3)", "base_model": "dream_xl", "base_model_hash": "0123456789",
        "refiner_model": "None", "refiner_switch": 0.5, "clip_skip": 2, "sampler": "dpmpp_2m", "scheduler": "karras",
        "vae": "Default (model)", "seed": "1234567890", "loras": [["ink", 0.8, "aabbccddee"]], "lora_combined_1": "ink : 0.8",
        "metadata_scheme": "fooocus", "version": "Fooocus v2.5.5",
    }
    understood = {**UNDERSTOOD, "denoisingStrength": None, "loras": [{"name": "ink", "unetWeight": 0.8, "textWeight": 0.8}]}
    save_png("fooocus.png", [("parameters", json.dumps(metadata), "tEXt"), ("fooocus_scheme", "fooocus", "tEXt")])
    told("fooocus.png", "fooocus", "png:parameters", understood, here={"prompt": f"{PROMPT}\ncinematic", "negativePrompt": NEGATIVE})
    for ending in ["jpg", "webp"]:
        exif = Image.Exif()
        exif[0x9286] = json.dumps(metadata)
        exif[0x0131] = "Fooocus v2.5.5"
        exif[0x927C] = "fooocus"
        picture().save(OUT / f"fooocus.{ending}", exif=exif)
        told(f"fooocus.{ending}", "fooocus", "exif:UserComment", understood)
    text = TEXT.replace("Version: v1.10.1", "Version: Fooocus v2.5.5")
    save_png("fooocus-a1111.png", [("parameters", text, "iTXt"), ("fooocus_scheme", "a1111", "tEXt")])
    told("fooocus-a1111.png", "fooocus", "png:parameters", UNDERSTOOD, parameters=text)


def draw_things():
    settings = {
        "c": PROMPT, "uc": NEGATIVE, "steps": 20, "sampler": "DPM++ 2M Karras", "scale": 6.5, "seed": 1234567890, "size": "512x768",
        "model": "dream_xl_f16.ckpt", "strength": 0.4, "seed_mode": "Scale Alike", "lora": [{"model": "ink_lora_f16.ckpt", "weight": 0.8}],
        "v2": {"width": 512, "height": 768, "steps": 20, "guidanceScale": 6.5, "seed": 1234567890, "clipSkip": 2, "controls": []},
    }
    understood = {
        **UNDERSTOOD, "modelName": "dream_xl_f16", "modelHash": None,
        "loras": [{"name": "ink_lora_f16", "unetWeight": 0.8, "textWeight": 0.8}],
    }
    text = json.dumps(settings, ensure_ascii=False)
    comment = f'<exif:UserComment><rdf:Alt>\n<rdf:li xml:lang="x-default">{escaped(text)}</rdf:li>\n</rdf:Alt></exif:UserComment>'
    packet = xmp_packet('q:CreatorTool="Draw Things"', comment)
    save_png("draw-things.png", [("XML:com.adobe.xmp", packet, "iTXt")], exif=comment_exif("unicode", text)[6:])
    told("draw-things.png", "draw-things", "exif:UserComment", understood)
    save_png("draw-things-xmp.png", [("XML:com.adobe.xmp", packet, "iTXt")])
    told("draw-things-xmp.png", "draw-things", "xmp", understood)
    picture().save(OUT / "draw-things.jpg", exif=comment_exif("unicode", text))
    told("draw-things.jpg", "draw-things", "exif:UserComment", understood)


def novelai():
    comment = {
        "prompt": "{{a cat}}, [dog], 猫", "steps": 20, "height": 768, "width": 512, "scale": 6.5, "uncond_scale": 1.0, "cfg_rescale": 0.2,
        "seed": 1234567890, "n_samples": 1, "noise_schedule": "karras", "sampler": "k_euler_ancestral", "sm": False, "uc": "{blurry}",
        "strength": 0.4, "request_type": "Img2ImgRequest",
    }
    understood = {
        "negativePrompt": "{blurry}", "steps": 20, "guidanceScale": 6.5, "seed": 1234567890, "width": 512, "height": 768,
        "sampler": "Euler a", "schedule": "Karras", "modelName": "Stable Diffusion XL", "modelHash": "7BCCAA2C", "denoisingStrength": 0.4,
    }
    texts = lambda own: [
        ("Title", "AI generated image", "tEXt"), ("Software", "NovelAI", "tEXt"), ("Source", "Stable Diffusion XL 7BCCAA2C", "tEXt"),
        ("Description", own["prompt"], "tEXt"), ("Comment", json.dumps(own), "tEXt"),
    ]
    save_png("novelai-3.png", texts(comment), mode="RGBA")
    told(
        "novelai-3.png", "novelai", "png:Comment", {**understood, "prompt": comment["prompt"]},
        here={"prompt": "((a cat:1.05):1.05), (dog:0.952), 猫", "negativePrompt": "(blurry:1.05)"},
    )
    caption = lambda base, *characters: {
        "caption": {"base_caption": base, "char_captions": [{"char_caption": each, "centers": [{"x": 0.5, "y": 0.5}]} for each in characters]}
    }
    hidden = {"Description": comment["prompt"], "Software": "NovelAI", "Source": "Stable Diffusion XL 7BCCAA2C", "Comment": json.dumps(comment)}
    size = hide("novelai-stealth.png", "stealth_pngcomp", json.dumps(hidden))
    told("novelai-stealth.png", "novelai", "stealth:alpha", {**understood, "prompt": comment["prompt"]}, **size)
    fourth = {**comment, "v4_prompt": caption("1.5::a cat ::, dog (toy)", "girl, 猫"), "v4_negative_prompt": caption("{blurry}")}
    save_png("novelai-4.png", texts(fourth), mode="RGBA")
    told(
        "novelai-4.png", "novelai", "png:Comment", {**understood, "prompt": "1.5::a cat ::, dog (toy)\ngirl, 猫"},
        here={"prompt": "(a cat :1.5), dog \\(toy\\)\ngirl, 猫", "negativePrompt": "(blurry:1.05)"},
    )


def others():
    packet = xmp_packet(
        'q:CreateDate="2024-05-06T07:08:09+02:00" q:Rating="4" '
        'Iptc4xmpExt:DigitalSourceType="http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"',
        "<dc:subject><rdf:Bag><rdf:li>猫</rdf:li><rdf:li>a &amp; b</rdf:li></rdf:Bag></dc:subject>",
    )
    disclosure = {
        "digitalSourceType": "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia",
        "createdAt": 1714972089000, "rating": 4, "keywords": ["猫", "a & b"],
    }
    for ending in ["jpg", "webp", "png", "avif", "tif"]:
        name = f"disclosure.{ending}"
        if ending == "png":
            save_png(name, [("XML:com.adobe.xmp", packet, "iTXt")])
        elif ending == "tif":
            picture().save(OUT / name, tiffinfo={700: packet.encode()})
        else:
            picture().save(OUT / name, xmp=packet.encode())
        told(name, "other", "xmp", None, **disclosure)
    camera = piexif.dump({
        "0th": {piexif.ImageIFD.Make: b"A camera", piexif.ImageIFD.Software: b"1.0"},
        "Exif": {piexif.ExifIFD.UserComment: b"ASCII\0\0\0Screenshot", piexif.ExifIFD.DateTimeOriginal: b"2024:05:06 07:08:09",
                 0x9011: b"+02:00", piexif.ExifIFD.MakerNote: bytes(range(256))},
    })
    picture().save(OUT / "camera.jpg", exif=camera)
    told("camera.jpg", None, "exif:UserComment", None, createdAt=1714972089000)
    picture().save(OUT / "plain.jpg")
    told("plain.jpg", None, None, None)
    picture("RGBA").save(OUT / "plain.png")
    told("plain.png", None, None, None)


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    for old in OUT.iterdir():
        old.unlink()
    for write in [web_ui, stealth, comfyui, invokeai, fooocus, draw_things, novelai, others]:
        write()
    (OUT / "expected.json").write_text(json.dumps(expected, ensure_ascii=False, indent=1) + "\n")


main()
