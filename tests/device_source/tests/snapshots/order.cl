#pragma OPENCL EXTENSION cl_khr_fp64 : enable
#pragma OPENCL FP_CONTRACT OFF
#define OP2_FUNCTION static
#define OP2_CONSTANT __constant const
typedef long i64;
typedef ulong u64;
typedef double f64;
typedef float f32;
typedef int i32;
typedef unsigned int u32;
typedef unsigned char u8;
typedef u64 usize;
typedef u8 boolean;

OP2_FUNCTION i32 op2_add_i32(i32 a, i32 b) { return (i32)((u32)a + (u32)b); }
OP2_FUNCTION i32 op2_mul_i32(i32 a, i32 b) { return (i32)((u32)a * (u32)b); }
typedef struct { f64 v[2]; } f64_2;
typedef char op2_size_of_f64_2[(sizeof(f64_2) == 16) ? 1 : -1];
typedef struct { f64_2 m_position; f64 m_mass; } Particle_s;
typedef char op2_size_of_Particle_s[(sizeof(Particle_s) == 24) ? 1 : -1];
typedef char op2_offset_0_of_Particle_s[(__builtin_offsetof(Particle_s, m_position) == 0) ? 1 : -1];
typedef char op2_offset_1_of_Particle_s[(__builtin_offsetof(Particle_s, m_mass) == 16) ? 1 : -1];
typedef struct { f64 v[3]; } f64_3;
typedef char op2_size_of_f64_3[(sizeof(f64_3) == 24) ? 1 : -1];
typedef struct { f64_3 v[2]; } f64_3_2;
typedef char op2_size_of_f64_3_2[(sizeof(f64_3_2) == 48) ? 1 : -1];

#line 43 "tests/device_source/src/language.rs"
OP2_FUNCTION boolean op2_fn_shift(f64_3 *row_0, f64 by_1, OP2_CONSTANT u8 *constants)
{
const f64_3 OFFSETS_c1 = *(OP2_CONSTANT f64_3 *)(constants + 0);
#line 45 "tests/device_source/src/language.rs"
for (usize op2_t0 = ((usize)0u), op2_t1 = ((usize)3u); op2_t0 < op2_t1; ++op2_t0) {
usize i_2 = (usize)(op2_t0);
#line 46 "tests/device_source/src/language.rs"
row_0->v[i_2] = (row_0->v[i_2] + (by_1 * OFFSETS_c1.v[i_2]));
}
return (by_1 != 0.0);
}

#line 37 "tests/device_source/src/language.rs"
OP2_FUNCTION i32 op2_fn_larger(i32 a_0, i32 b_1)
{
return ((a_0 > b_1) ? a_0 : b_1);
}

#line 37 "tests/device_source/src/language.rs"
OP2_FUNCTION f64 op2_fn_larger_n2(f64 a_0, f64 b_1)
{
return ((a_0 > b_1) ? a_0 : b_1);
}

#line 52 "tests/device_source/src/language.rs"
OP2_FUNCTION void op2_kernel_order(Particle_s *p_0, f64_3_2 *rows_1, i32 *n_2, OP2_CONSTANT u8 *constants)
{
const f64 GAM_c0 = *(OP2_CONSTANT f64 *)(constants + 0);
#line 54 "tests/device_source/src/language.rs"
f64 op2_t1;
op2_t1 = rows_1->v[0].v[0];
boolean op2_t0;
op2_t0 = op2_fn_shift((&rows_1->v[0]), p_0->m_mass, constants + 16);
f64 before_3 = (op2_t1 + (op2_t0 ? rows_1->v[0].v[0] : 0.0));
#line 55 "tests/device_source/src/language.rs"
boolean op2_t3;
op2_t3 = ((*n_2) < 10);
if (op2_t3) {
boolean op2_t2;
op2_t2 = op2_fn_shift((&rows_1->v[1]), GAM_c0, constants + 16);
op2_t3 = op2_t2;
}
(*n_2) = op2_add_i32((*n_2), ((i32)op2_t3));
#line 56 "tests/device_source/src/language.rs"
(*n_2) = op2_mul_i32((*n_2), op2_add_i32((*n_2), op2_fn_larger((*n_2), 3)));
#line 57 "tests/device_source/src/language.rs"
Particle_s moved_4 = ((Particle_s){((f64_2){{p_0->m_position.v[1], before_3}}), op2_fn_larger_n2(before_3, p_0->m_mass)});
#line 58 "tests/device_source/src/language.rs"
(*p_0) = moved_4;
}

#line 1 "op2"
