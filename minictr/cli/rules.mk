# The command line: minictr is light; heavy verbs live in executables of their own.
PROGRAMS += minictr
minictr_main := cli/minictr_main
minictr_libs := -ljson-c
minictr_ldflags := $(STATIC)  # half a millisecond of each command is the loader's
PROGRAMS += minictr-image
minictr-image_main := cli/image_main
minictr-image_libs := -ljson-c -lcurl -lcrypto -larchive -lpthread

PROGRAMS += minictr-build
minictr-build_main := cli/build_main
minictr-build_libs := -ljson-c -lcrypto -larchive -lpthread
PROGRAMS += minictr-fetch
minictr-fetch_main := cli/fetch_main
minictr-fetch_libs := -ljson-c -lcurl -lcrypto -lpthread

PROGRAMS += minictr-remote
minictr-remote_main := cli/remote/remote_main
minictr-remote_libs := -ljson-c -lcurl -lssl -lcrypto -larchive -lpthread

PROGRAMS += minictr-repl
minictr-repl_main := cli/prompt/repl_main
minictr-repl_libs := -lreadline

# From a fresh clone to the prompt; and back to a host without a trace.
run:
	@sh minictr/cli/scripts/run.sh $(O)
clean-host:
	@sh minictr/cli/scripts/clean-host.sh $(O)
.PHONY: run clean-host
