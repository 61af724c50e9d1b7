#!/bin/sh
# 83-build-peers.sh - minictr build beside buildah: the same Dockerfiles give the same files and the same configuration.
# Known differences stand in the list at the end, each with the reason; a difference that is not in it fails.
. "$(dirname "$0")/lib.sh"
need_root
needs buildah jq || skip_all "buildah is not installed (make peers)"
ba() { buildah --root "$T/ba" --runroot "$T/bar" --storage-driver vfs "$@"; }
cleanup() { ba rm -a >/dev/null 2>&1; ba rmi -af >/dev/null 2>&1; }
. "$(dirname "$0")/build-corpus.sh"
ba pull -q docker-archive:"$T/base.tar" >/dev/null 2>"$T/err" || skip_all "buildah cannot load an image here: $(head -c 200 "$T/err")"
plan $(($(ls "$T/d" | wc -l) * 2))
for f in "$T"/d/*; do
	ours "$f" "$T/mine" "$T/mine.json" || continue
	ba build -q --isolation=chroot --format docker --layers=false -f "$f" -t "their:$n" . >/dev/null 2>"$T/err2" || { skip "$n: files" "buildah does not build it: $(tail -c 150 "$T/err2" | tr '\n' ' ')"; skip "$n: configuration" "no peer"; continue; }
	c=$(ba from --pull-never "their:$n"); list "$(ba mount "$c")" | grep -vE ' (etc/hosts|etc/resolv.conf|etc/hostname|run|run/.*) ?$|  \./(etc/hosts|etc/resolv.conf|etc/hostname|run/.*)$' >"$T/theirs"; ba rm "$c" >/dev/null
	ba inspect --type image "their:$n" | jq '.Docker | {config, author, os, architecture}' | config >"$T/theirs.json"
	same "$n: files as buildah's" "$T/theirs" "$T/mine"
	same "$n: configuration as buildah's" "$T/theirs.json" "$T/mine.json"
done
# Left out of the comparison, because buildah 1.28 differs from BuildKit: OnBuild, ArgsEscaped (buildah drops them), Volumes' form,
# ranges of EXPOSE, WorkingDir / of scratch, empty lists, ARG behind ENV, set-uid bits of the context, empty etc/hosts, etc/resolv.conf and run/ in layers.
