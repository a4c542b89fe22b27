// Tar archives, read by the program tar.
#pragma once

#include <filesystem>
#include <set>
#include <string>

namespace hikaku {

/// The names of all members. BadData for an archive that tar cannot read, and for a name that leads
/// out of the folder that it is unpacked into.
[[nodiscard]] std::set<std::string> archive_members(const std::filesystem::path& archive);

/// Unpacks `members`, and nothing else, below `folder`; all must be regular files. Throws
/// ExitCode::bad_data with what tar says.
void unpack(const std::filesystem::path& archive, const std::filesystem::path& folder,
            const std::set<std::string>& members);

}  // namespace hikaku
