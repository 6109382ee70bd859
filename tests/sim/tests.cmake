# The simulated world: the daemon's own objects on edges of ours. An edge that is defined here is not
# taken from its library; what has no edge is wrapped.
if(TARGET scheduler AND TARGET sandbox)
    file(GLOB SIM_SOURCES CONFIGURE_DEPENDS sim/*.c)
    list(FILTER SIM_SOURCES EXCLUDE REGEX "/(main_|scenario|nth_)[^/]*\\.c$")
    add_library(sim_world OBJECT ${SIM_SOURCES})
    target_link_libraries(sim_world PUBLIC scheduler sandbox PkgConfig::SQLITE)
    if(SANITIZE)
        target_compile_definitions(sim_world PRIVATE SIM_POISONS)
    endif()
    foreach(symbol malloc calloc realloc reallocarray free random_bytes ensure_failed)
        target_link_options(sim_world INTERFACE -Wl,--wrap=${symbol})
    endforeach()

    # Worlds drawn from seeds.
    add_executable(sim sim/main_sim.c)
    target_link_libraries(sim sim_world)

    # Worlds in which only happens what a script says.
    file(GLOB SCENARIO_SOURCES CONFIGURE_DEPENDS sim/scenario*.c)
    add_executable(scenario sim/main_scenario.c ${SCENARIO_SOURCES})
    target_link_libraries(scenario sim_world)
    foreach(symbol witness_sends amazon_request)
        target_link_options(scenario PRIVATE -Wl,--wrap=${symbol})
    endforeach()

    # One short life, and everything in it failing once.
    file(GLOB NTH_SOURCES CONFIGURE_DEPENDS sim/nth_*.c)
    add_executable(nth sim/main_nth.c ${NTH_SOURCES})
    target_link_libraries(nth sim_world)
    foreach(symbol chance_strikes disk_cut http_send amazon_request life_enter store_sqlite_open
            flock)
        target_link_options(nth PRIVATE -Wl,--wrap=${symbol})
    endforeach()
    if(NOT SANITIZE)
        add_test(NAME sim_nth COMMAND nth)
        set_tests_properties(sim_nth PROPERTIES LABELS sim TIMEOUT 300)
    endif()
endif()
