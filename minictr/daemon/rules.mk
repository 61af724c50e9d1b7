# minictrd serves the API; its jobs are executables of their own, so that a start loads no archive or TLS library.
PROGRAMS += minictrd
minictrd_main := daemon/daemon_main
minictrd_libs := -ljson-c -lmicrohttpd -lgnutls

PROGRAMS += minictr-job
minictr-job_main := daemon/job_main
minictr-job_libs := -ljson-c
minictr-job_ldflags := $(STATIC)

PROGRAMS += minictr-job-image
minictr-job-image_main := daemon/job_image_main
minictr-job-image_libs := -ljson-c -lcurl -lcrypto -larchive -lpthread
