#include "base/system_files.h"

#include "scratch_folder.h"

namespace hikaku {
namespace {

class SystemFiles : public test::ScratchFolder {
 protected:
  SystemFiles() { std::ofstream(file) << "model name\t: A CPU \nNAME=\"Some OS\"\nmax: 12 kB\n"; }
  std::string file = path("facts");
};

TEST_F(SystemFiles, FindsValuesBehindColonsAndEqualSigns) {
  EXPECT_EQ(value_of(file, "model name"), "A CPU");
  EXPECT_EQ(value_of(file, "NAME"), "Some OS");
  EXPECT_EQ(value_of(file, "absent"), "");
  EXPECT_EQ(value_of("/does/not/exist", "x"), "");
  EXPECT_EQ(first_line(file), "model name\t: A CPU ");
}

TEST_F(SystemFiles, ANumberOrNone) {
  EXPECT_EQ(number_in(value_of(file, "max")), 12);
  EXPECT_EQ(number_in("max"), std::nullopt);
  EXPECT_EQ(number_in(""), std::nullopt);
}

}  // namespace
}  // namespace hikaku
