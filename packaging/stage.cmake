# SPDX-License-Identifier: Apache-2.0
#
# Run by CPack between the installation into the staging directory and the making of the package.
# Debian's policy: the manual is compressed without a time stamp, there is a copyright file and a
# changelog, and zsh looks for completions of packages in vendor-completions.

set(prefix ${CPACK_TEMPORARY_INSTALL_DIRECTORY}${CPACK_PACKAGING_INSTALL_PREFIX})
set(documents ${prefix}/share/doc/minirun)

file(GLOB pages ${prefix}/share/man/man*/*.[1-9])
file(MAKE_DIRECTORY ${documents})
file(COPY ${CPACK_MINIRUN_SOURCE}/README.md ${CPACK_MINIRUN_SOURCE}/SECURITY.md DESTINATION ${documents})
if(CPACK_GENERATOR STREQUAL DEB)
    file(COPY ${CPACK_MINIRUN_SOURCE}/packaging/copyright DESTINATION ${documents})
    configure_file(${CPACK_MINIRUN_SOURCE}/packaging/changelog ${documents}/changelog COPYONLY)
    list(APPEND pages ${documents}/changelog)
    file(RENAME ${prefix}/share/zsh/site-functions ${prefix}/share/zsh/vendor-completions)
else()
    file(COPY ${CPACK_MINIRUN_SOURCE}/LICENSE DESTINATION ${documents})
endif()
if(pages)
    execute_process(COMMAND gzip -9 -n -f ${pages} COMMAND_ERROR_IS_FATAL ANY)
endif()

# What the umask of whoever packs would decide otherwise.
file(GLOB_RECURSE files LIST_DIRECTORIES true ${CPACK_TEMPORARY_INSTALL_DIRECTORY}/*)
foreach(file ${files})
    set(permissions OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)
    if(IS_DIRECTORY ${file} OR file MATCHES "/(bin|libexec)/")
        list(APPEND permissions OWNER_EXECUTE GROUP_EXECUTE WORLD_EXECUTE)
    endif()
    file(CHMOD ${file} PERMISSIONS ${permissions})
endforeach()

# podman before 6 reads /etc alone. A link, and made last: a chmod would follow it.
if(CPACK_GENERATOR STREQUAL DEB)
    set(directory ${CPACK_TEMPORARY_INSTALL_DIRECTORY}/etc/containers/containers.conf.d)
    file(MAKE_DIRECTORY ${directory})
    foreach(part etc etc/containers etc/containers/containers.conf.d)
        file(CHMOD ${CPACK_TEMPORARY_INSTALL_DIRECTORY}/${part} PERMISSIONS OWNER_READ OWNER_WRITE
             OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
    endforeach()
    file(CREATE_LINK ${CPACK_PACKAGING_INSTALL_PREFIX}/share/containers/containers.conf.d/minirun.conf
         ${directory}/minirun.conf SYMBOLIC)
endif()
