# The program of the starter image `hello`: one static file, made from lab 00's word.
programs: $(O)/bin/minictr-hello
$(O)/bin/minictr-hello: labs/00-hello/hello_main.c labs/00-hello/hello.c
	@mkdir -p $(@D)
	@echo "  LD   minictr-hello"
	@$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -fno-sanitize=all -static -s -o $@ $^
