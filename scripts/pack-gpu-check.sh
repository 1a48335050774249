#!/usr/bin/env bash
# Packs gpu-check for a Linux machine with an NVIDIA GPU and nothing else: Node, the built packages, onnxruntime-node with its
# CUDA provider, a Vulkan loader where this machine has one. CUDA and cuDNN are looked for there, also in Python's packages.
#
#   scripts/pack-gpu-check.sh FOLDER [MEGABYTES]
#
# FOLDER gets the parts of an archive, none of them above MEGABYTES (40). There, with the parts side by side:
#   cat gpu-check.tar.gz.* | tar -xz && gpu-check/run --json results.json
set -euo pipefail
[ $# -ge 1 ] || { sed -n '5p' "$0" | cut -c5- >&2; exit 2; }
mkdir -p "$1"
out=$(cd "$1" && pwd)
megabytes=${2:-40}
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
pack="$work/gpu-check"
mkdir -p "$pack/lib"

npx --yes pnpm@10 --silent build
# What scripts depends on, but not what only other commands load.
mapfile -t modules < <(npx --yes pnpm@10 --filter @oddflow/scripts list --prod --depth Infinity --parseable |
  grep -o 'node_modules/\.pnpm/[^/]*' | sort -u | grep -vE '/(@tensorflow|@biomejs|@types|onnxruntime-web|core-js|typescript|vitest)|musl')
tar -c --exclude='bin/*/darwin' --exclude='bin/*/win32' --exclude='bin/*/*/arm64' --exclude='libonnxruntime_providers_*' \
  --exclude='packages/onnxruntime-web' \
  "${modules[@]}" packages/*/{package.json,dist,bundle,node_modules} scripts/{package.json,dist,gpu-check,node_modules} \
  bench/peers/throughput fixtures/unsw-nb15.onnx | tar -x -C "$pack"
ort=$(cd "$pack/packages/inference/node_modules/onnxruntime-node" && pwd -P)
node scripts/dist/install-cuda-provider.js --package "$ort" | sed -n 1p
# Linked to the cache: here the files themselves are wanted.
for library in "$ort"/bin/napi-v6/linux/x64/*.so; do cp --remove-destination "$(readlink -f "$library")" "$library"; done

cp "$(command -v node)" "$pack/node"
vulkan=$(PATH=$PATH:/sbin ldconfig -p | sed -n 's/.*libvulkan\.so\.1 .*x86-64.* => //p' | tail -n 1)
[ -z "$vulkan" ] || cp -L "$vulkan" "$pack/lib/"
cat > "$pack/run" <<'RUN'
#!/usr/bin/env bash
here=$(cd "$(dirname "$0")" && pwd)
nvidia=$(python3 - <<'PYTHON'
import glob, importlib.util
spec = importlib.util.find_spec("nvidia")
roots = spec.submodule_search_locations if spec else []
print("".join(f":{folder}" for root in roots for folder in glob.glob(f"{root}/*/lib")))
PYTHON
)
export LD_LIBRARY_PATH="${LD_LIBRARY_PATH:-}$nvidia:$here/lib"
exec "$here/node" "$here/scripts/dist/gpu-check.js" "$@"
RUN
chmod +x "$pack/run"
rm -f "$out"/gpu-check.tar.gz.*
tar -C "$work" -c gpu-check | gzip | split -b "${megabytes}M" - "$out/gpu-check.tar.gz."
ls -l "$out"
