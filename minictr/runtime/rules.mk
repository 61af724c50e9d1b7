PROGRAMS += minictr-oci
minictr-oci_main := runtime/oci_main
minictr-oci_libs := -lseccomp -lcap -ljson-c
minictr-oci_ldflags := -static
