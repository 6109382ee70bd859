# Programs to run by hand; ctest does not.
if(TARGET schema)
    add_executable(bench_store schema/main_bench_store.c schema/samples.c)
    target_link_libraries(bench_store schema edge)
endif()
