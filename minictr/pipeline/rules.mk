# `minictr pipeline`: an executable of its own, so that nothing else loads libyaml.
PROGRAMS += minictr-pipeline
minictr-pipeline_main := cli/pipeline/pipeline_main
minictr-pipeline_libs := -ljson-c -lyaml -larchive -lcrypto -lpthread

# `docker` and `minictr` inside of a job: libc only, static.
PROGRAMS += minictr-job
minictr-job_main := pipeline/job_client_main
minictr-job_ldflags = $(STATIC)
