# Measurements: tests/bench/run. ctest runs only its smallest form, to see that it still works.
if(TARGET scheduler AND TARGET mws-sandbox)
    add_executable(floor bench/main_floor.c)
    target_link_libraries(floor mws PkgConfig::SQLITE)
    add_executable(bench_client bench/main_bench_client.c)
    target_link_libraries(bench_client mws)
    add_executable(bench_core bench/main_bench_core.c)
    target_link_libraries(bench_core scheduler)
endif()
