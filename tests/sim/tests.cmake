# The simulated world: the daemon's own objects on edges of ours. An edge that is defined here is not
# taken from its library; what has no edge is wrapped.
find_program(PYTHON python3)
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
    if(PYTHON)
        # Under the sanitizers few and short ones; else a fixed set, and those that ever failed.
        if(SANITIZE)
            add_test(NAME sim_fixed COMMAND sim --seeds 1-4 --days 40 --no-shrink)
        else()
            add_test(NAME sim_fixed COMMAND sim --seeds 1-12 --days 120 --twice --no-shrink)
            add_test(NAME sim_seeds COMMAND ${PYTHON} -B ${CMAKE_CURRENT_SOURCE_DIR}/sim/seeds.py
                $<TARGET_FILE:sim> --days 120 --no-shrink)
            set_tests_properties(sim_seeds PROPERTIES LABELS sim TIMEOUT 900 COST 20 PROCESSORS 2)
        endif()
        set_tests_properties(sim_fixed PROPERTIES LABELS sim TIMEOUT 900 COST 20 PROCESSORS 2)
    endif()

    # Worlds in which only happens what a script says.
    file(GLOB SCENARIO_SOURCES CONFIGURE_DEPENDS sim/scenario*.c)
    add_executable(scenario sim/main_scenario.c ${SCENARIO_SOURCES})
    target_link_libraries(scenario sim_world)
    foreach(symbol witness_sends amazon_request statvfs)
        target_link_options(scenario PRIVATE -Wl,--wrap=${symbol})
    endforeach()

    file(GLOB SCENARIO_THEMES CONFIGURE_DEPENDS sim/scenarios/*/)
    foreach(folder ${SCENARIO_THEMES})
        file(GLOB SCENARIOS CONFIGURE_DEPENDS ${folder}/*.txt)
        if(SCENARIOS)
            get_filename_component(theme ${folder} NAME)
            add_test(NAME scenarios_${theme} COMMAND scenario ${SCENARIOS})
            set_tests_properties(scenarios_${theme} PROPERTIES LABELS sim TIMEOUT 900 COST 5 PROCESSORS 2)
        endif()
    endforeach()
    # All of them by readings of Amazon's documents that they are not about: each must hold and end at rest.
    if(NOT SANITIZE)
        file(GLOB SCENARIOS CONFIGURE_DEPENDS sim/scenarios/*/*.txt)
        add_test(NAME scenarios_readings COMMAND scenario
            --reading reference-checked=last --reading repeat=duplicate-reference ${SCENARIOS})
        set_tests_properties(scenarios_readings PROPERTIES LABELS sim TIMEOUT 900 COST 20 PROCESSORS 2)
    endif()
    add_test(NAME scenarios_index
        COMMAND python3 ${CMAKE_CURRENT_SOURCE_DIR}/sim/scenarios.py $<TARGET_FILE:scenario>)
    set_tests_properties(scenarios_index PROPERTIES LABELS sim TIMEOUT 300)

    # One short life, and everything in it failing once.
    file(GLOB NTH_SOURCES CONFIGURE_DEPENDS sim/nth_*.c)
    add_executable(nth sim/main_nth.c ${NTH_SOURCES})
    target_link_libraries(nth sim_world)
    foreach(symbol chance_strikes disk_cut disk_is_full http_post amazon_request life_enter store_sqlite_open
            flock)
        target_link_options(nth PRIVATE -Wl,--wrap=${symbol})
    endforeach()
    if(NOT SANITIZE)
        add_test(NAME sim_nth COMMAND nth)
        set_tests_properties(sim_nth PROPERTIES LABELS sim TIMEOUT 900 COST 20 PROCESSORS 2)
        # Deliberate bugs. Each is one object compiled anew, and a program linked with it.
        if(CMAKE_GENERATOR STREQUAL "Ninja" AND NOT COVERAGE)
            add_test(NAME sim_mutants COMMAND ${PYTHON} -B
                ${CMAKE_CURRENT_SOURCE_DIR}/sim/mutants/run --build ${CMAKE_BINARY_DIR})
            set_tests_properties(sim_mutants PROPERTIES LABELS sim TIMEOUT 1800 COST 100 PROCESSORS 2)
        endif()
    endif()
endif()
