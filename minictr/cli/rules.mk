# The command line: minictr is light; heavy verbs live in executables of their own.
PROGRAMS += minictr
minictr_main := cli/minictr_main
minictr_libs := -ljson-c
