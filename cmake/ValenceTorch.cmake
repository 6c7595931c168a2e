# Finds libtorch: Torch_DIR (a folder with TorchConfig.cmake, also of a Python package), else the system's.
# Its own package config is not used: it asks for the CUDA compiler where libtorch was built with one.
if(Torch_DIR)
  get_filename_component(torch_root ${Torch_DIR}/../../.. REALPATH)
endif()
find_path(TORCH_INCLUDE torch/csrc/api/include/torch/types.h HINTS ${torch_root}/include
  NO_CMAKE_FIND_ROOT_PATH)
foreach(part torch torch_cpu c10)
  find_library(TORCH_${part} NAMES ${part} HINTS ${torch_root}/lib)
endforeach()
find_library(TORCH_torch_cuda NAMES torch_cuda HINTS ${torch_root}/lib)
find_library(TORCH_c10_cuda NAMES c10_cuda HINTS ${torch_root}/lib)
if(NOT (TORCH_INCLUDE AND TORCH_torch AND TORCH_torch_cpu AND TORCH_c10))
  message(FATAL_ERROR "valence train needs libtorch: apt-get install libtorch-dev, or -DTorch_DIR=FOLDER")
endif()
set(TORCH_INCLUDE_DIRS ${TORCH_INCLUDE} ${TORCH_INCLUDE}/torch/csrc/api/include)
set(TORCH_LIBRARIES ${TORCH_torch} ${TORCH_torch_cpu} ${TORCH_c10})
# PyPI's libtorch.so exports pieces of a later standard library, std::filesystem::remove_all among them, which call
# what is not there. Looked through first, the library that the program was compiled for answers.
if(stdc++ IN_LIST CMAKE_CXX_IMPLICIT_LINK_LIBRARIES)
  list(PREPEND TORCH_LIBRARIES stdc++)
endif()
if(TORCH_torch_cuda)
  # Nothing names a symbol of these: they announce themselves when they are loaded.
  list(APPEND TORCH_LIBRARIES -Wl,--no-as-needed ${TORCH_torch_cuda} ${TORCH_c10_cuda} -Wl,--as-needed)
endif()
message(STATUS "libtorch: ${TORCH_torch_cpu}")
