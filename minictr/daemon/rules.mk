# minictrd serves the API; its jobs are executables of their own, so that a start loads no archive or TLS library.
PROGRAMS += minictrd
minictrd_main := daemon/daemon_main
minictrd_libs := -ljson-c -lmicrohttpd

PROGRAMS += minictrd-job
minictrd-job_main := daemon/job_main
minictrd-job_libs := -ljson-c
minictrd-job_ldflags := $(STATIC)

PROGRAMS += minictrd-job-image
minictrd-job-image_main := daemon/job_image_main
minictrd-job-image_libs := -ljson-c -lcurl -lcrypto -larchive -lpthread

# The only one that strangers talk to.
PROGRAMS += minictrd-tls
minictrd-tls_main := daemon/tls_front
minictrd-tls_libs := -lssl -lcrypto
