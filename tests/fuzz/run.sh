#!/bin/sh
# run.sh SECONDS - builds every fuzz target with clang's libFuzzer, ASan and UBSan, and runs each for SECONDS on its
# seed corpus (tests/fuzz/corpus/NAME). Without clang each target is built by gcc with replay.c and the corpus is replayed.
set -u
cd "$(dirname "$0")/../.." || exit 2
seconds=${1:-10} out=build/fuzz bad=0 n=0
mkdir -p $out
libs="-lm -lyaml -ljson-c -lseccomp -larchive -lcrypto -lcurl -lmicrohttpd"
floors="minictr/cli/flags.c minictr/cli/explain_lines.c minictr/cli/walk/kernel_state.c minictr/cli/walk/walk_file.c minictr/cli/walk/walk_view.c minictr/cli/walk/walk_record.c minictr/cli/walk/walk_page.c $(ls minictr/cli/format/*.c) minictr/cli/prompt/repl_words.c minictr/cli/context.c minictr/daemon/route.c minictr/daemon/routes.c minictr/daemon/request.c minictr/daemon/create_body.c minictr/daemon/create_networks.c minictr/daemon/job.c minictr/daemon/reply.c minictr/daemon/body_kinds.c minictr/cli/remote/client_stream.c"
for f in vm pipeline compose build engine registry image volume network runtime base; do for c in minictr/$f/*.c minictr/$f/*/*.c; do case $c in *_main.c|*/tail_none.c|*'*'*) ;; *) floors="$floors $c" ;; esac; done; done
san="-g -O1 -fsanitize=address,undefined -fno-sanitize-recover=undefined"
flags="-std=gnu11 -D_GNU_SOURCE -Iminictr -Ibuild/gen -w"
if command -v clang >/dev/null 2>&1 && echo 'int LLVMFuzzerTestOneInput(const unsigned char*d,unsigned long n){return 0;}' | clang -x c -fsanitize=fuzzer - -o $out/probe 2>/dev/null; then
	cc=clang engine="-fsanitize=fuzzer" obj="-fsanitize=fuzzer-no-link"
else
	cc=gcc engine=tests/fuzz/replay.c obj=""
	echo "fuzz: no libFuzzer here (clang, libclang-rt): replaying the corpus only"
fi
mkdir -p $out/obj
for c in $floors; do
	o=$out/obj/$(echo "$c" | tr / _).o
	[ "$o" -nt "$c" ] || $cc $flags $san $obj -c "$c" -o "$o" || exit 1
done
rm -f $out/lib.a; ar rcs $out/lib.a $out/obj/*.o
for t in tests/fuzz/fuzz_*.c; do
	[ -f "$t" ] || continue
	name=$(basename "$t" .c); corpus=tests/fuzz/corpus/$name; mkdir -p $out/corpus/$name
	$cc $flags $san $engine "$t" $out/lib.a $libs -o $out/$name || { echo "not ok - $name does not build"; bad=1; continue; }
	n=$((n + 1))
	if [ $cc = clang ]; then
		$out/$name -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=0 -verbosity=0 -artifact_prefix=$out/$name- $out/corpus/$name $([ -d "$corpus" ] && echo "$corpus") >$out/$name.log 2>&1
	else
		$out/$name $(find "$corpus" -type f 2>/dev/null) >$out/$name.log 2>&1
	fi
	if [ $? = 0 ]; then echo "ok - $name"; else echo "not ok - $name"; tail -25 $out/$name.log; bad=1; fi
done
echo "fuzz: $n targets, $seconds s each"
exit $bad
