# SQLite for the store, and Abseil's time zones and hash tables for trends: of the distribution,
# linked statically. The library does without both.
find_path(SQLITE_INCLUDE sqlite3.h REQUIRED)
find_library(SQLITE_ARCHIVE NAMES libsqlite3.a REQUIRED)
add_library(valence_sqlite INTERFACE)
target_include_directories(valence_sqlite SYSTEM INTERFACE ${SQLITE_INCLUDE})
target_link_libraries(valence_sqlite INTERFACE ${SQLITE_ARCHIVE} Threads::Threads ${CMAKE_DL_LIBS} m)

find_path(ABSEIL_INCLUDE absl/time/time.h REQUIRED)
add_library(valence_abseil INTERFACE)
target_include_directories(valence_abseil SYSTEM INTERFACE ${ABSEIL_INCLUDE})
foreach(part raw_hash_set time civil_time time_zone strings strings_internal int128 throw_delegate base spinlock_wait
    raw_logging_internal log_severity)
  find_library(ABSEIL_${part} NAMES libabsl_${part}.a REQUIRED)
  target_link_libraries(valence_abseil INTERFACE ${ABSEIL_${part}})
endforeach()
target_link_libraries(valence_abseil INTERFACE Threads::Threads)
