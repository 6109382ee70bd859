# Writes ${OUT}: a C table of the migration files ${FILES} in numerical order, as
#   const struct migration ${PREFIX}_migrations[] = {{number, "title", "sql"}, ...};
# The number and title come from the file name NNNN_title.sql.
list(SORT FILES)
file(WRITE ${OUT} "/* Generated from schema/${PREFIX}/NNNN_title.sql. */\n#include \"schema/migration.h\"\n\nconst struct migration ${PREFIX}_migrations[] = {\n")
set(count 0)
foreach(f ${FILES})
    get_filename_component(base ${f} NAME_WE)
    string(REGEX MATCH "^([0-9]+)_(.*)$" _ ${base})
    string(REGEX REPLACE "^0+" "" number "${CMAKE_MATCH_1}")
    set(title "${CMAKE_MATCH_2}")
    file(READ ${f} text)
    string(REPLACE "\\" "\\\\" text "${text}")
    string(REPLACE "\"" "\\\"" text "${text}")
    string(REPLACE "\n" "\\n\"\n     \"" text "${text}")
    file(APPEND ${OUT} "    {${number}, \"${title}\",\n     \"${text}\"},\n")
    math(EXPR count "${count}+1")
endforeach()
file(APPEND ${OUT} "};\nconst unsigned ${PREFIX}_migration_count = ${count};\n")
